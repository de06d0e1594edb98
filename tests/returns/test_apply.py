"""A return is read, matched, taken back and followed: the story of one debit."""

from datetime import date

from housing_ach.batches.models import Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.ledger.chart import RENT_INCOME, TENANT_RECEIVABLE
from housing_ach.payments.states import PaymentStatus
from housing_ach.returns.models import Return
from housing_ach.returns.services import apply_received
from tests.batches.town import WEDNESDAY, Town, morning
from tests.returns.post import cases

MONDAY_AFTER = date(2026, 3, 9)


def test_an_r01_of_the_bank_is_taken_back_and_tried_again_three_banking_days_later(town: Town):
    payment = town.debit("994101000001")
    town.sent()

    town.listen(morning(WEDNESDAY))
    apply_received(at=morning(WEDNESDAY))

    payment.refresh_from_db()
    entry = Entry.objects.get()
    told = Return.objects.get()
    assert (told.code, told.entry, told.cents) == ("R01", entry, 1000_00)
    assert (entry.status, entry.settled_on) == (EntryStatus.RETURNED, date(2026, 3, 3))
    assert (payment.status, payment.retries) == (PaymentStatus.SCHEDULED, 1)
    assert payment.effective_on == MONDAY_AFTER
    assert town.books() == {TENANT_RECEIVABLE: 1000_00, RENT_INCOME: -1000_00}
    assert cases() == []
