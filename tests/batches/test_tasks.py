"""The clocks: what they find due, and that one bank's trouble stops nobody else."""

import os
from datetime import date, timedelta

import pytest

from housing_ach.bank.sftp import Listed
from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.batches import tasks
from housing_ach.batches.models import BankFile, Batch
from housing_ach.batches.services import approve
from housing_ach.batches.services.receive import store
from housing_ach.batches.states import FileKind, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import advance, start
from housing_ach.ledger.models import Journal
from housing_ach.ledger.services import close_period
from tests.batches.town import AFTERNOON, EVENING, NOON, TUESDAY, morning, statuses
from tests.factories import BankProfileFactory


@pytest.fixture(autouse=True)
def business_clock(town):
    start(NOON)


def test_a_banking_day_by_its_tasks(town):
    town.debit()
    tasks.build_batches()
    approve(Batch.objects.get(), by=town.clerk, at=NOON)

    advance(to=AFTERNOON)
    tasks.freeze_batches()
    tasks.send_files()
    town.bank.tick(AFTERNOON)
    tasks.receive_files()
    assert statuses() == ["ACCEPTED"]

    advance(to=EVENING)
    tasks.watch()
    advance(to=morning(TUESDAY))
    town.bank.tick(morning(TUESDAY))
    tasks.receive_files()
    tasks.clear_payments()
    assert statuses() == ["SETTLED"]
    assert not Case.objects.open().exists()


def test_nothing_is_built_on_a_day_banks_are_closed(town):
    town.debit()
    advance(to=morning(date(2026, 3, 7)))

    tasks.build_batches()
    tasks.freeze_batches()

    assert not Batch.objects.exists()


def test_a_bank_out_of_reach_is_a_case_until_it_is_back(town):
    port = town.profile.port
    town.profile.port = 1
    town.profile.save()
    tasks.receive_files()
    assert "could not connect" in Case.objects.open().get().summary

    town.profile.port = port
    town.profile.save()
    tasks.receive_files()
    assert not Case.objects.open().exists()


def test_what_settled_in_a_closed_period_is_posted_on_the_next_open_day(town):
    town.debit()
    town.sent()
    town.bank.tick(morning(TUESDAY))
    close_period(town.home.operating_fund, through=TUESDAY)
    advance(to=morning(TUESDAY))

    tasks.receive_files()

    assert BankFile.objects.get(kind=FileKind.SETTLEMENT).status == FileStatus.APPLIED
    assert statuses() == ["SETTLED"]
    assert Journal.objects.latest("pk").effective_on == TUESDAY + timedelta(days=1)
    assert not Case.objects.open().exists()


def notice(on):
    written = f"HDR,NO_RETURNS,1,{on}T13:00:00Z,{on},{SANDBOX_BANK_ROUTING}"
    return f"{written}\nTRL,0\n"


def test_a_name_the_bank_writes_anew_is_read_anew(town):
    path = town.bank.inbound / "RETURNS.csv"
    path.write_text(notice(TUESDAY))
    tasks.receive_files()

    path.write_text(notice(TUESDAY + timedelta(days=1)))
    os.utime(path, (2_000_000_000, 2_000_000_000))
    tasks.receive_files()

    read = BankFile.objects.filter(kind=FileKind.NO_ACTIVITY, status=FileStatus.APPLIED)
    assert read.count() == 2


def test_two_profiles_may_receive_the_same_bytes(town):
    at = morning(TUESDAY)
    other = BankProfileFactory()
    listed = Listed("NO-RETURNS.csv", len(notice(TUESDAY)), mtime=1)

    for profile in (town.profile, other):
        assert store(profile, listed, notice(TUESDAY).encode(), at=at)

    assert BankFile.objects.filter(kind=FileKind.NO_ACTIVITY).count() == 2


def test_a_day_without_the_banks_word_on_returns_is_a_case_until_it_comes(town):
    town.debit()
    town.sent()
    town.bank.tick(morning(TUESDAY))
    advance(to=morning(TUESDAY))
    tasks.receive_files()
    wednesday = TUESDAY + timedelta(days=1)

    advance(to=morning(wednesday + timedelta(days=1)))
    tasks.watch()
    case = Case.objects.open().get()
    assert (case.kind, case.subject_id) == (
        CaseKind.RETURNS_NOT_READ,
        f"{town.profile.pk}:{wednesday}",
    )

    (town.bank.inbound / "late.csv").write_text(notice(wednesday))
    tasks.receive_files()
    tasks.watch()
    assert not Case.objects.open().exists()
