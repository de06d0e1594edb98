from datetime import date

import pytest
from django.urls import reverse

from tests.desk.signing_in import verified
from tests.factories import FundFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:ledger_fund_changelist")


def close(fund, through):
    form = {"action": "close_books", "_selected_action": [fund.pk], "through": through}
    answer = verified(UserFactory(admin=True)).post(LIST, form, follow=True)
    fund.refresh_from_db()
    return answer.text


def test_the_books_of_a_fund_are_closed_through_a_day():
    fund = FundFactory()

    told = close(fund, "2026-03-31")

    assert f"{fund} is closed through 2026-03-31" in told
    assert fund.closed_through == date(2026, 3, 31)


def test_they_are_not_opened_again():
    fund = FundFactory(closed_through=date(2026, 3, 31))

    told = close(fund, "2026-02-28")

    assert f"{fund.code} is closed through 2026-03-31 already" in told
    assert fund.closed_through == date(2026, 3, 31)


@pytest.mark.parametrize("typed", ["", "tomorrow"])
def test_a_day_has_to_be_named(typed):
    fund = FundFactory()

    told = close(fund, typed)

    assert "Through: " in told
    assert fund.closed_through is None
