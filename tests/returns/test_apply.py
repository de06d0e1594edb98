"""A return is taken back and followed: money, permission, retry, case."""

from datetime import UTC, date, datetime

import pytest

from housing_ach.batches.models import BankFile, Entry, Evidence
from housing_ach.batches.states import EntryStatus, EvidenceKind, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.chart import RENT_INCOME, TENANT_RECEIVABLE
from housing_ach.mandates.states import AccountStatus, MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.returns.models import Return
from housing_ach.returns.services import apply_received
from tests.batches.town import Town, morning
from tests.factories import PaymentFactory
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, cases, deliver, only_entry, publish

MONDAY_AFTER = date(2026, 3, 9)
BILLED = {TENANT_RECEIVABLE: 1000_00, RENT_INCOME: -1000_00}


def test_the_days_returns_count_as_read_once_they_are_applied(town: Town, settled: Entry):
    file = deliver(town, about(settled, "R01"))

    assert file.status == FileStatus.APPLIED
    told = Evidence.objects.get(kind=EvidenceKind.RETURNS_READ, file=file)
    assert told.banking_on == RETURNED_ON


def test_a_return_applied_twice_is_applied_once(town: Town, settled: Entry):
    deliver(town, about(settled, "R01"))

    apply_received(at=morning(RETURNED_ON))

    assert Return.objects.count() == 1
    settled.payment.refresh_from_db()
    assert settled.payment.retries == 1


@pytest.mark.parametrize(
    ("code", "kind", "account", "mandate"),
    [
        ("R02", CaseKind.RETURNED, AccountStatus.CLOSED, MandateStatus.BLOCKED),
        ("R03", CaseKind.RETURNED, AccountStatus.BLOCKED, MandateStatus.BLOCKED),
        ("R05", CaseKind.UNAUTHORISED, AccountStatus.OPEN, MandateStatus.BLOCKED),
        ("R07", CaseKind.UNAUTHORISED, AccountStatus.OPEN, MandateStatus.REVOKED),
        ("R08", CaseKind.RETURNED, AccountStatus.OPEN, MandateStatus.ACTIVE),
        ("R10", CaseKind.UNAUTHORISED, AccountStatus.BLOCKED, MandateStatus.BLOCKED),
        ("R11", CaseKind.RETURNED, AccountStatus.OPEN, MandateStatus.ACTIVE),
        ("R15", CaseKind.RETURNED, AccountStatus.BLOCKED, MandateStatus.BLOCKED),
        ("R98", CaseKind.UNKNOWN_CODE, AccountStatus.OPEN, MandateStatus.ACTIVE),
    ],
)
def test_each_kind_of_code_stops_what_it_must_and_opens_its_case(
    town: Town, settled: Entry, code, kind, account, mandate
):
    deliver(town, about(settled, code))

    payment = settled.payment
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.RETURNED
    assert (payment.bank_account.status, payment.mandate.status) == (account, mandate)
    assert cases() == [(kind, "payments.payment")]
    assert town.books()[TENANT_RECEIVABLE] == 1000_00


def test_the_day_of_a_death_is_kept_and_every_account_of_the_payer_rests(
    town: Town, settled: Entry
):
    other = PaymentFactory(mandate__lease=settled.payment.lease)

    deliver(town, about(settled, "R15", died="260228"))

    other.refresh_from_db()
    assert Return.objects.get().died_on == date(2026, 2, 28)
    assert Case.objects.get(subject_id=str(settled.payment_id)).facts["died_on"] == "2026-02-28"
    assert other.bank_account.status == AccountStatus.BLOCKED
    assert other.status == PaymentStatus.HELD


def test_what_was_planned_on_a_stopped_account_is_held_even_in_a_draft_batch(
    town: Town, settled: Entry
):
    mandate = settled.payment.mandate
    planned = PaymentFactory(mandate=mandate, requested_on=date(2026, 3, 12))
    batched = PaymentFactory(mandate=mandate, requested_on=date(2026, 3, 3))
    town.build()
    batched.refresh_from_db()
    assert batched.status == PaymentStatus.BATCHED

    deliver(town, about(settled, "R02"))

    for payment in (planned, batched):
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.HELD
    assert batched.entries.get().status == EntryStatus.EJECTED
    assert cases().count((CaseKind.MANDATE, "payments.payment")) == 2


def test_the_third_return_of_a_debit_is_not_tried_again(town: Town, settled: Entry):
    Payment.objects.filter(pk=settled.payment_id).update(retries=2)

    deliver(town, about(settled, "R01"))

    settled.payment.refresh_from_db()
    assert settled.payment.status == PaymentStatus.RETURNED
    told = Case.objects.get()
    assert told.kind == CaseKind.RETURNED
    assert "tried again 2 times" in told.suggested_fix


def test_an_r01_after_180_days_is_for_a_person(town: Town, settled: Entry):
    late = date(2026, 9, 10)

    deliver(town, about(settled, "R09"), on=late)

    settled.payment.refresh_from_db()
    assert settled.payment.status == PaymentStatus.RETURNED
    assert "180 days" in Case.objects.get().suggested_fix


def test_a_return_that_comes_before_our_own_books_know_the_file_is_out_waits(town: Town):
    town.debit()
    file = town.frozen()
    entry = only_entry()

    deliver(town, about(entry, "R01"))

    assert Return.objects.get().entry == entry
    entry.refresh_from_db()
    assert entry.status == EntryStatus.FROZEN

    publish(file)
    apply_received(at=morning(RETURNED_ON))

    entry.refresh_from_db()
    assert entry.status == EntryStatus.RETURNED
    assert cases() == []


def test_a_return_of_a_file_that_never_went_out_is_for_a_person(town: Town):
    town.debit()
    file = town.frozen()
    deliver(town, about(only_entry(), "R01"))

    BankFile.objects.filter(pk=file.pk).update(status=FileStatus.VOID)
    Entry.objects.update(status=EntryStatus.VOID)
    apply_received(at=morning(RETURNED_ON))
    apply_received(at=datetime(2026, 3, 6, 15, 0, tzinfo=UTC))

    assert cases() == [(CaseKind.UNMATCHED_RETURN, "returns.return")]
