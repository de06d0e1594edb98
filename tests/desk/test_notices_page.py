"""What was written to tenants: found by whom, what and when."""

import pytest

from housing_ach.notices.services import plan_upcoming
from housing_ach.tenants.states import Role
from tests.desk.signing_in import verified
from tests.factories import MembershipFactory
from tests.notices.letters import WEEK, noon, plan

pytestmark = pytest.mark.django_db
URL = "/desk/messages/"


@pytest.fixture
def clerk():
    for number in range(2):
        plan(email=f"renter{number}@example.org")
    plan_upcoming(on=WEEK, at=noon(WEEK))
    return verified(MembershipFactory(role=Role.FINANCE).user)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [True, True]),
        ("?q=renter1", [False, True]),
        ("?kind=UPCOMING_DEBIT&status=QUEUED", [True, True]),
        ("?kind=RECEIPT", [False, False]),
        ("?status=FAILED", [False, False]),
        (f"?first={WEEK}&last={WEEK}", [True, True]),
        ("?last=2026-03-01", [False, False]),
        ("?first=yesterday&kind=POEM", [True, True]),
    ],
)
def test_messages_are_found_by_whom_what_and_when(clerk, query, shown):
    page = clerk.get(URL + query).text

    assert [f"renter{number}@example.org" in page for number in range(2)] == shown


def test_the_list_comes_as_csv_filtered_the_same(clerk):
    answer = clerk.get(f"{URL}?q=renter0&format=csv").getvalue().decode()

    assert "renter0@example.org" in answer
    assert "renter1@example.org" not in answer
