"""One month's rent, told to a bookkeeper."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from housing_ach.batches.models import BankFile, Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.models import Case
from housing_ach.payments.models import Payment
from housing_ach.returns.models import Return
from tests.journeys.story import AFTERNOON, EVENING, MORNING, NOON, Story, beginning

RENT_DAY = date(2026, 4, 1)  # a Wednesday
BOUNCES_ONCE = "994101000042"
OWED = {"Tenant receivable": "1,000.00", "Rent income": "-1,000.00"}
ON_ITS_WAY = {**OWED, "ACH in transit": "1,000.00", "Tenant payments pending": "-1,000.00"}
PAID = {"Bank": "1,000.00", "Rent income": "-1,000.00"}


@pytest.fixture
def story(committed_db, tmp_path):
    with beginning(tmp_path / "bank") as bank:
        yield Story(bank, date(2026, 3, 16))


def test_rent_that_bounces_once_is_collected_by_the_retry(story: Story):
    story.autopayer(BOUNCES_ONCE, rent_cents=1000_00, first_rent_on=RENT_DAY)

    rent_is_asked_for_and_settles(story)
    it_comes_back_and_the_retry_is_kept(story)

    assert [entry.status for entry in Entry.objects.order_by("pk")] == [
        EntryStatus.RETURNED,
        EntryStatus.SETTLED,
    ]
    assert not Case.objects.open().exists()
    assert BankFile.objects.filter(direction="OUT").count() == 2
    assert_proven()


def rent_is_asked_for_and_settles(story: Story) -> None:
    # The April rent is charged twelve days ahead, for its due date.
    story.until(date(2026, 3, 20), MORNING)
    assert story.books() == OWED

    # Two banking days before it is due, autopay asks for it: nothing moves yet.
    story.until(date(2026, 3, 30), NOON)
    assert story.payment() == "SCHEDULED"
    assert story.books() == OWED

    # The day before, a second person approves the batch, and the file goes over SFTP.
    story.until(date(2026, 3, 31), NOON)
    assert story.payment() == "BATCHED"
    story.until(date(2026, 3, 31), AFTERNOON)
    assert story.payment() == "SENT"
    assert story.books() == ON_ITS_WAY

    # The bank acknowledges the file: accepted is not settled.
    story.until(date(2026, 3, 31), EVENING)
    assert story.payment() == "ACCEPTED"
    assert story.books() == ON_ITS_WAY

    # Wednesday: settled by the bank's own report. The charge is paid, the bank has the money.
    story.until(RENT_DAY, MORNING)
    assert story.payment() == "SETTLED"
    assert story.books() == PAID


def it_comes_back_and_the_retry_is_kept(story: Story) -> None:
    # Thursday: R01. The rent is owed again as of the first, the bank has charged the return back,
    # and the retry is planned three banking days later.
    story.until(date(2026, 4, 2), MORNING)
    payment = Payment.objects.get()
    assert (payment.status, payment.retries) == ("SCHEDULED", 1)
    assert payment.effective_on == date(2026, 4, 7)
    assert story.books() == OWED
    assert Return.objects.get().code == "R01"

    # Monday: the retry goes out in a batch of its own, for the same amount.
    story.until(date(2026, 4, 6), AFTERNOON)
    assert story.books() == ON_ITS_WAY
    retry = Entry.objects.latest("pk")
    assert (retry.is_retry, retry.batch.description, retry.cents) == (True, "RETRY PYMT", 1000_00)

    # Tuesday: this time it settles, and after three banking days without a return it is kept.
    story.until(date(2026, 4, 7), MORNING)
    assert story.payment() == "SETTLED"
    assert story.books() == PAID
    story.until(date(2026, 4, 9), EVENING)
    assert story.payment() == "SETTLED"
    story.until(date(2026, 4, 10), MORNING)
    assert story.payment() == "CLEARED"
    assert story.books() == PAID


def assert_proven() -> None:
    out = StringIO()
    call_command("verify", stdout=out)
    assert "FAIL" not in out.getvalue()
