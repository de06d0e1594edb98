"""What a bank may say after the money seemed safe, told to a bookkeeper."""

from datetime import date

import pytest

from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.states import AccountStatus, MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.returns.models import Correction
from tests.journeys.story import MORNING, Story, beginning
from tests.journeys.test_rent_month import assert_proven

RENT_DAY = date(2026, 4, 1)
NEXT_RENT_DAY = date(2026, 5, 1)
NEVER_AUTHORISED = "99110000042"
NUMBER_CHANGED = "99201000042"
OWED_TWICE = {"Tenant receivable": "2,000.00", "Rent income": "-2,000.00"}
PAID_TWICE = {"Bank": "2,000.00", "Rent income": "-2,000.00"}


@pytest.fixture
def story(committed_db, tmp_path):
    with beginning(tmp_path / "bank") as bank:
        yield Story(bank, date(2026, 3, 27))


def test_a_debit_nobody_authorised_comes_back_after_it_cleared_and_is_the_last(story: Story):
    mandate = story.autopayer(NEVER_AUTHORISED, rent_cents=1000_00, first_rent_on=RENT_DAY)
    story.until(date(2026, 4, 7), MORNING)
    assert story.payment() == "CLEARED"

    # Five banking days after it settled: R10. The money is gone, the account is stopped at once.
    story.until(date(2026, 4, 8), MORNING)
    assert story.payment() == "RETURNED"
    mandate.refresh_from_db()
    assert (mandate.status, mandate.bank_account.status) == (
        MandateStatus.BLOCKED,
        AccountStatus.BLOCKED,
    )
    assert [case.kind for case in Case.objects.open()] == [CaseKind.UNAUTHORISED]

    # May's rent falls due and is owed, but nobody debits it.
    story.until(NEXT_RENT_DAY, MORNING)
    assert Payment.objects.count() == 1
    assert story.books() == OWED_TWICE
    assert_proven()


def test_a_corrected_account_number_is_the_one_the_next_rent_goes_to(story: Story):
    mandate = story.autopayer(NUMBER_CHANGED, rent_cents=1000_00, first_rent_on=RENT_DAY)

    # April settles; on Thursday the bank says the number has changed. No money moves.
    story.until(date(2026, 4, 2), MORNING)
    assert story.payment() == "SETTLED"
    told = Correction.objects.get()
    assert (told.code, told.status) == ("C01", "APPLIED")
    mandate.bank_account.refresh_from_db()
    assert mandate.bank_account.version == 2

    # May goes to the new number, and the bank has nothing more to correct.
    story.until(date(2026, 5, 4), MORNING)
    april, may = Entry.objects.order_by("pk")
    assert (april.account_version.version, may.account_version.version) == (1, 2)
    assert Correction.objects.count() == 1
    assert story.books() == PAID_TWICE
    assert not Case.objects.open().exists()
    assert_proven()
