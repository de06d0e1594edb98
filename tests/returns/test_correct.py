"""A correction makes a new version of the account before the next entry goes; what cannot, is parked."""

from datetime import date

import pytest

from housing_ach.batches.models import BankFile, Entry, Evidence
from housing_ach.batches.states import EntryStatus, EvidenceKind, FileStatus
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.selectors import open_number
from housing_ach.mandates.services import block_account
from housing_ach.mandates.states import AccountStatus, AccountType, VerificationStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.services import finish_prenotes, send_prenote
from housing_ach.payments.states import PaymentStatus, Purpose
from housing_ach.returns.models import Correction
from housing_ach.returns.services import apply_received
from housing_ach.returns.states import CorrectionStatus
from housing_ach.users.services import system_user
from tests.batches.town import NOON, Town, morning
from tests.factories import PaymentFactory
from tests.returns.letters import about, render
from tests.returns.post import RETURNED_ON, bring, cases, deliver, only_entry, send, settle

ROUTING = "323232322"


def account_of(entry: Entry):
    entry.payment.bank_account.refresh_from_db()
    return entry.payment.bank_account


@pytest.mark.parametrize(
    ("code", "data", "changed"),
    [
        ("C02", ROUTING, {"routing": ROUTING}),
        ("C04", "ADA KING", {"holder_name": "ADA KING"}),
        ("C05", "37", {"account_type": AccountType.SAVINGS}),
        ("C09", "N-12345", {"individual_id": "N-12345"}),
    ],
)
def test_each_part_is_corrected_and_the_old_version_stays(
    town: Town, settled: Entry, code, data, changed
):
    file = deliver(town, about(settled, code, data=data))

    account = account_of(settled)
    told = Correction.objects.get()
    assert file.status == FileStatus.APPLIED
    assert {name: getattr(account, name) for name in changed} == changed
    assert account.version == 2
    assert (told.status, told.new_version.version) == (CorrectionStatus.APPLIED, 2)
    assert account.versions.get(version=1).routing == "111000025"
    assert cases() == []


def test_a_corrected_number_is_in_the_vault_alone(town: Town, settled: Entry):
    deliver(town, about(settled, "C03", data=f"{ROUTING}   990077665544"))

    account = account_of(settled)
    told = Correction.objects.get()
    assert open_number(account) == "990077665544"
    assert (account.routing, account.last_four) == (ROUTING, "5544")
    assert "••5544" in told.changed
    assert "990077665544" not in f"{told.changed}{told.reason}{told.file.masked}"


def test_no_money_moves_and_no_returns_are_read(town: Town, settled: Entry):
    before = town.books()

    file = deliver(town, about(settled, "C02", data=ROUTING))

    assert town.books() == before
    assert not Evidence.objects.filter(kind=EvidenceKind.RETURNS_READ, file=file).exists()


def test_the_next_entry_carries_what_was_corrected(town: Town, settled: Entry):
    deliver(town, about(settled, "C02", data=ROUTING), about(settled, "C09", data="N-1", number=2))
    again = PaymentFactory(mandate=settled.payment.mandate, requested_on=date(2026, 3, 3))

    town.build()

    planned = again.entries.get()
    assert planned.account_version.routing == ROUTING
    assert planned.individual_id == "N-1"


def test_an_entry_of_a_draft_is_planned_anew_with_the_new_version(town: Town, settled: Entry):
    again = PaymentFactory(mandate=settled.payment.mandate, requested_on=date(2026, 3, 3))
    town.approved()

    deliver(town, about(settled, "C02", data=ROUTING))

    again.refresh_from_db()
    assert again.status == PaymentStatus.SCHEDULED
    assert again.entries.get().status == EntryStatus.EJECTED
    assert cases() == []
    town.build()
    assert again.entries.latest("pk").account_version.routing == ROUTING


def test_a_retry_goes_to_the_corrected_account(town: Town, settled: Entry):
    deliver(town, about(settled, "R01"), about(settled, "C02", data=ROUTING, number=2))
    payment = settled.payment
    Payment.objects.filter(pk=payment.pk).update(effective_on=date(2026, 3, 3))

    town.build()

    retry = payment.entries.latest("pk")
    assert (retry.is_retry, retry.account_version.routing) == (True, ROUTING)


def test_the_same_correction_twice_makes_one_version(town: Town, settled: Entry):
    deliver(town, about(settled, "C02", data=ROUTING))

    deliver(town, about(settled, "C02", data=ROUTING), modifier="B")
    deliver(town, about(settled, "C02", data=ROUTING, number=2), modifier="C")

    assert account_of(settled).version == 2
    first, second = Correction.objects.order_by("pk")
    assert (second.status, second.changed) == (
        CorrectionStatus.APPLIED,
        "nothing: the account was so already",
    )
    assert first.new_version == second.new_version


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("C01", ""),
        ("C02", "323232323"),
        ("C06", "0012345"),
        ("C13", ""),
        ("C14", "IAT"),
        ("C99", "WHATEVER"),
    ],
)
def test_what_cannot_be_read_changes_nothing_and_is_parked(town: Town, settled: Entry, code, data):
    file = deliver(town, about(settled, code, data=data))

    assert file.status == FileStatus.APPLIED
    assert account_of(settled).version == 1
    assert Correction.objects.get().status == CorrectionStatus.PARKED
    assert cases() == [(CaseKind.CORRECTION_PARKED, "returns.correction")]


@pytest.mark.parametrize("said", [{"trace": "123456789999999"}, {"rdfi": "22222222"}])
def test_a_correction_of_nobodys_entry_is_parked(town: Town, settled: Entry, said):
    deliver(town, about(settled, "C02", data=ROUTING, **said))

    told = Correction.objects.get()
    assert (told.status, told.entry) == (CorrectionStatus.PARKED, None)
    assert account_of(settled).version == 1


def test_a_blocked_account_is_corrected_and_stays_blocked(town: Town, settled: Entry):
    block_account(account_of(settled), "R03")

    deliver(town, about(settled, "C02", data=ROUTING))

    account = account_of(settled)
    assert (account.routing, account.status) == (ROUTING, AccountStatus.BLOCKED)


def test_one_that_cannot_be_applied_holds_up_no_other(town: Town, settled: Entry):
    deliver(
        town,
        about(settled, "C01", data=""),
        about(settled, "C02", data=ROUTING, number=2),
    )

    assert account_of(settled).routing == ROUTING
    assert Correction.objects.count() == 2


def test_a_file_read_again_corrects_nothing_twice(town: Town, settled: Entry):
    content = render([about(settled, "C02", data=ROUTING)], on=RETURNED_ON)
    file = bring(town, content, at=morning(RETURNED_ON))
    BankFile.objects.filter(pk=file.pk).update(status=FileStatus.RECEIVED)

    apply_received(at=morning(RETURNED_ON))

    assert Correction.objects.count() == 1
    assert account_of(settled).version == 2


@pytest.fixture
def prenote(town: Town) -> Entry:
    """A prenote that settled on Tuesday; its account waits."""
    payment = town.debit()
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.CANCELLED)
    send_prenote(mandate=payment.mandate, by=system_user(), at=NOON)
    settle(town, send(town))
    return only_entry()


def test_a_corrected_prenote_is_followed_by_a_new_one_and_proves_nothing(
    town: Town, prenote: Entry
):
    deliver(town, about(prenote, "C02", data=ROUTING))

    account = account_of(prenote)
    again = Payment.objects.filter(purpose=Purpose.PRENOTE).latest("pk")
    assert again.pk != prenote.payment_id
    assert again.status == PaymentStatus.SCHEDULED
    finish_prenotes(on=date(2026, 3, 20), at=morning(date(2026, 3, 20)))
    account.refresh_from_db()
    assert account.verification == VerificationStatus.PENDING


def test_a_returned_prenote_fails_the_verification(town: Town, prenote: Entry):
    deliver(town, about(prenote, "R04"))

    account = account_of(prenote)
    assert account.verification == VerificationStatus.FAILED
    assert account.status == AccountStatus.BLOCKED
    assert cases() == [(CaseKind.RETURNED, "payments.payment")]
