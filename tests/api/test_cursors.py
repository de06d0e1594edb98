"""A list is walked page by page, and back by the pages one came by."""

import pytest

from housing_ach.payments.models import Order, Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.states import Scope
from tests.api.programs import Program
from tests.factories import PaymentFactory, SubmissionFactory

PLACE = "ach/transactions"

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(Scope.READ)


@pytest.fixture
def batch():
    """Five orders of one request."""
    submission = SubmissionFactory(asked_count=5, asked_cents=5000_00)
    PaymentFactory.create_batch(5, order__submission=submission)
    return submission


def pages(get, turn, start=None):
    """Each page's ids, until there is no cursor of that name."""
    cursor, found = start, []
    while True:
        page = get(f"&cursor={cursor}" if cursor else "")
        found.append(page)
        if (cursor := page[turn]) is None:
            return found


def ids(page):
    return [row["id"] for row in page["data"]]


def orders(program):
    return lambda query: program.get(f"{PLACE}?limit=2{query}").json()


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_walking_back_gives_the_same_pages(program, count):
    PaymentFactory.create_batch(count)
    there = pages(orders(program), "next_cursor")

    back = [there[-1]]
    if start := there[-1]["previous_cursor"]:
        back += pages(orders(program), "previous_cursor", start)

    assert [ids(page) for page in reversed(back)] == [ids(page) for page in there]
    assert [page["has_more"] for page in reversed(back)] == [page["has_more"] for page in there]
    assert [page["previous_cursor"] is None for page in there] == [
        number == 0 for number in range(len(there))
    ]


def test_a_page_one_came_back_to_goes_on_as_before(program):
    PaymentFactory.create_batch(5)
    _first, second, third = pages(orders(program), "next_cursor")

    again = orders(program)(f"&cursor={third['previous_cursor']}")
    onward = orders(program)(f"&cursor={again['next_cursor']}")

    assert ids(again) == ids(second)
    assert ids(onward) == ids(third)


def test_a_batch_is_walked_back_too(program, batch):
    PaymentFactory()

    def orders_of(query):
        return program.get(f"ach/status/{batch.pk}?limit=2{query}").json()["orders"]

    there = pages(orders_of, "next_cursor")
    back = pages(orders_of, "previous_cursor", there[-1]["previous_cursor"])

    assert [ids(page) for page in back] == [ids(there[1]), ids(there[0])]


def test_what_became_something_else_meanwhile_leaves_a_way_on(program):
    rows = PaymentFactory.create_batch(4)
    query = "&status=Pending"
    second = orders(program)(f"{query}&cursor={orders(program)(query)['next_cursor']}")
    gone = [row.pk for row in rows[:2]]
    Payment.objects.filter(pk__in=gone).update(status=PaymentStatus.CANCELLED)

    empty = orders(program)(f"{query}&cursor={second['previous_cursor']}")
    onward = orders(program)(f"{query}&cursor={empty['next_cursor']}")

    assert (ids(empty), empty["previous_cursor"]) == ([], None)
    assert ids(onward) == ids(second)


def test_rows_that_come_meanwhile_are_met_at_the_end(program):
    PaymentFactory.create_batch(3)
    first = orders(program)("")
    PaymentFactory()

    there = [first, *pages(orders(program), "next_cursor", first["next_cursor"])]

    told = [pk for page in there for pk in ids(page)]
    assert told == [str(pk) for pk in Order.objects.order_by("pk").values_list("pk", flat=True)]


def test_a_way_back_is_of_one_list(program, batch):
    first = orders(program)("")
    second = orders(program)(f"&cursor={first['next_cursor']}")

    answer = program.get(f"ach/status/{batch.pk}?cursor={second['previous_cursor']}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cursor")
