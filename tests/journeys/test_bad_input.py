"""What goes wrong between a tenant's typing and the bank: told clearly, nothing half-done, nothing lost.

Each story ends with the money on its way once the cause is gone.
"""

import shutil
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest
from django.test import Client, override_settings
from kombu.exceptions import OperationalError

from housing_ach.bank.models import BankProfile
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.services import PastCutOff, approve, build
from housing_ach.batches.states import FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.celery import app
from housing_ach.clock import services as clock
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import add_bank_account, revoke
from housing_ach.mandates.states import AccountType
from housing_ach.payments.models import Limit, Order, Payment
from housing_ach.payments.services import pay_now
from housing_ach.payments.states import Direction
from housing_ach.sandbox.bank.server import connect_profile, running_bank
from housing_ach.sandbox.tasks import turn
from housing_ach.shared.problems import Refusal
from housing_ach.users.services import system_user
from tests.bank.failing_server import FullDisk, SilentlyFullDisk, serving
from tests.batches.town import AFTERNOON, CUT_OFF, NOON, TUESDAY, WEDNESDAY, Town, statuses
from tests.factories import TenantFactory
from tests.journeys.places import tables

BROKEN = "redis://127.0.0.1:1/0"
AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
NUMBER = "73928461520"
SENDING = ("batches.tasks.freeze_batches", "batches.tasks.send_files")


@pytest.fixture
def town(committed_db, bank) -> Town:
    app.loader.import_default_modules()
    clock.start(NOON)
    return Town.beside(bank)


@pytest.fixture
def bank(tmp_path):
    with running_bank(tmp_path / "bank", seed=7) as running:
        yield running


@pytest.fixture
def unchanged(committed_db) -> Callable:
    """Runs what is refused, and finds every table of the database as it was."""

    def refused(attempt: Callable[[], object]) -> Refusal:
        before = tables(committed_db)
        with pytest.raises(Refusal) as caught:
            attempt()
        assert tables(committed_db) == before
        return caught.value

    return refused


def reach(at) -> None:
    """The tasks of this moment, as the timetable runs them."""
    clock.advance(to=at)
    for task in SENDING:
        app.tasks[f"housing_ach.{task}"]()


def pay(payment: Payment, **changed):
    wish = {"cents": payment.cents, "requested_on": TUESDAY, "allow_duplicate": True}
    return pay_now(
        tenant=payment.tenant,
        lease=payment.lease,
        mandate=payment.mandate,
        by=payment.made_by,
        **{"at": NOON, **wish, **changed},
    )


def require_sent_once(town: Town) -> None:
    expected = [(entry.individual_id, entry.cents) for entry in Entry.objects.filter(status="SENT")]
    assert len(expected) == 1
    assert town.entries_taken() == expected
    assert statuses() == ["SENT"]
    assert not Case.objects.open().exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("routing", {"routing": "111000024"}),
        ("routing", {"routing": NUMBER}),
        ("account_number", {"account_number": f"{NUMBER}{NUMBER}"}),
        ("account_type", {"account_type": NUMBER}),
    ],
)
def test_a_wrong_account_is_named_masked_and_kept_nowhere(committed_db, unchanged, field, typed):
    tenant = TenantFactory()
    given = {"routing": "111000025", "account_number": NUMBER, "holder_name": tenant.name}
    given |= {"account_type": AccountType.CHECKING}

    refusal = unchanged(lambda: add_bank_account(tenant=tenant, at=NOON, **given | typed))

    assert (refusal.field, str(refusal).startswith(f"{field}:")) == (field, True)
    assert NUMBER not in str(refusal)
    add_bank_account(tenant=tenant, at=NOON, **given)
    assert BankAccount.objects.get().last_four == NUMBER[-4:]


def test_a_closed_mandate_is_not_debited(town, unchanged):
    payment = town.debit()
    revoke(payment.mandate, "asked for", NOON)

    refusal = unchanged(lambda: pay(payment))

    assert (refusal.field, "REVOKED" in str(refusal)) == ("mandate", True)


def test_a_mandate_closed_on_the_way_leaves_the_payment_held(town):
    payment, other = town.debit(), town.debit()
    town.approved()
    revoke(payment.mandate, "asked for", NOON)

    reach(AFTERNOON)

    assert statuses() == ["HELD", "SENT"]
    case = Case.objects.open().get(subject="payments.payment")
    assert (case.kind, case.subject_id) == (CaseKind.MANDATE, str(payment.pk))
    assert [cents for _, cents in town.entries_taken()] == [other.cents]


def test_more_than_the_limit_is_named_and_asked_for_nothing(town, unchanged):
    payment = town.debit(cents=1000_00)
    limit = Limit.objects.create(
        company=payment.fund.company, direction=Direction.DEBIT, per_payment_cents=999_99
    )

    refusal = unchanged(lambda: pay(payment))

    assert (refusal.field, "1,000.00" in str(refusal)) == ("cents", True)
    assert "999.99" in str(refusal)
    limit.delete()
    pay(payment)
    assert Order.objects.count() == 2


def test_a_payment_asked_for_after_the_cut_off_says_the_day_it_will_settle(town):
    early, late = pay(town.debit()), pay(town.debit(), at=CUT_OFF)

    assert early.payments.get().effective_on == TUESDAY
    assert late.payments.get().effective_on == WEDNESDAY


def test_what_is_approved_after_the_cut_off_goes_with_the_next_file(town, unchanged):
    town.debit()
    (batch,) = town.build()

    refusal = unchanged(lambda: approve(batch, by=town.clerk, at=CUT_OFF))

    assert isinstance(refusal, PastCutOff)
    assert "NEXT_DAY" in str(refusal)
    clock.advance(to=CUT_OFF)
    app.tasks["housing_ach.batches.tasks.watch"]()
    assert (Batch.objects.get().status, statuses()) == ("CANCELLED", ["SCHEDULED"])
    build(window=town.window, on=TUESDAY, at=NOON + timedelta(days=1), by=system_user())
    assert (statuses(), Payment.objects.get().effective_on) == (["BATCHED"], WEDNESDAY)


@contextmanager
def folder_missing(town: Town, path: Path):
    folder = town.bank.outbound / ".tmp"
    shutil.rmtree(folder)
    yield
    folder.mkdir()


@contextmanager
def host_key_changed(town: Town, path: Path):
    pinned = town.profile.host_key
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    BankProfile.objects.update(host_key=other)
    yield
    BankProfile.objects.update(host_key=pinned)


@contextmanager
def unreachable(town: Town, path: Path):
    port = town.profile.port
    BankProfile.objects.update(port=1)
    yield
    BankProfile.objects.update(port=port)


def full(kind):
    @contextmanager
    def disk(town: Town, path: Path):
        with (
            pytest.MonkeyPatch.context() as patch,
            running_bank(path / "bank", 7, served=serving(kind, path / "bank")) as failing,
        ):
            patch.setattr("housing_ach.bank.sftp.CHUNK", 256)
            before = {name: getattr(town.profile, name) for name in ("host", "port")}
            connect_profile(town.profile, failing)
            yield
        BankProfile.objects.update(**before)

    return disk


TROUBLES = {
    "a missing folder": (folder_missing, "folder /outbound/.tmp: does not exist"),
    "another host key": (host_key_changed, "host key of"),
    "a bank that does not answer": (unreachable, "could not connect"),
    "a full disk": (full(FullDisk), "its disk is probably full"),
    "a disk that is full and says nothing": (full(SilentlyFullDisk), "its disk is probably full"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_file_waits_for_the_end_of(town, tmp_path, trouble):
    happens, told = TROUBLES[trouble]
    town.debit()
    town.approved()

    with happens(town, tmp_path):
        reach(AFTERNOON)
        reach(AFTERNOON + timedelta(minutes=1))
        case = Case.objects.open().get(kind=CaseKind.FILE_HELD, subject="batches.bankfile")
        assert told in case.summary
        assert BankFile.objects.get().status in {FileStatus.FROZEN, FileStatus.UPLOADING}
        assert (statuses(), town.in_transit()) == (["BATCHED"], 0)
        assert list(town.bank.outbound.glob("*.ach")) == []

    reach(AFTERNOON + timedelta(minutes=2))
    require_sent_once(town)


def test_without_a_broker_the_work_is_found_later_and_done_once(town, client: Client):
    town.debit()
    town.approved()
    clock.advance(to=AFTERNOON)
    tasks = [f"housing_ach.{task}" for task in SENDING]

    with override_settings(REDIS_URL=BROKEN), app.connection_for_write(BROKEN) as lost:
        lost.transport_options |= AT_ONCE
        with pytest.raises(OperationalError):
            turn.apply_async([tasks, "lost"], connection=lost, retry=False)
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert (statuses(), BankFile.objects.count()) == (["BATCHED"], 0)
    reach(AFTERNOON + timedelta(minutes=10))
    reach(AFTERNOON + timedelta(minutes=11))
    require_sent_once(town)
