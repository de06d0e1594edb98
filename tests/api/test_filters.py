"""Lists are asked for by what is known of an order, and what is wrong in a question is named."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from housing_ach.api.orders import orders_asked_for
from housing_ach.audit.models import Event
from housing_ach.audit.move import move
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.models import Property
from housing_ach.users.states import Scope
from tests.api.programs import Program
from tests.factories import AT, PaymentFactory
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

PLACE = "ach/transactions"
OF_A_BATCH = """
    INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
    VALUES ('batch.sent', 'batches.batch', %s, 'APPROVED', 'SENT', '{}')
"""

HISTORY = """
    INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
    SELECT 'payment.held', 'payments.payment', n::text, 'SCHEDULED', 'HELD', '{}'
    FROM generate_series(1000000, 1005000) n
"""


@pytest.fixture
def program(db):
    return Program(Scope.READ)


def found(program, query, place=PLACE):
    answer = program.get(f"{place}?{query}")
    assert answer.status_code == 200, answer.content
    return {int(row["id"]) for row in answer.json()["data"]}


def named(payment, external_id):
    """Its property, by a name of the housing system's."""
    home = payment.lease.unit.property
    Property.objects.filter(pk=home.pk).update(external_id=external_id)
    return payment


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.fixture
def returned(town):
    """A debit of the property p-1 that came back with R02 on the fifth of March."""
    payment = named(town.debit(), "p-1")
    settle(town, send(town))
    deliver(town, about(only_entry(), "R02"))
    return payment


class TestOrders:
    def test_are_found_by_property(self, program):
        mine, _other = named(PaymentFactory(), "p-1"), named(PaymentFactory(), "p-2")

        assert found(program, "property=p-1") == {mine.order_id}
        assert found(program, "property=p-3") == set()

    @pytest.mark.parametrize(
        ("query", "days"),
        [
            ("effective_from=2026-03-03", {3, 4}),
            ("effective_to=2026-03-03", {2, 3}),
            ("effective_from=2026-03-03&effective_to=2026-03-03", {3}),
            ("effective_from=2026-03-05", set()),
        ],
    )
    def test_are_found_by_effective_days_both_inclusive(self, program, query, days):
        by_day = {
            day: PaymentFactory(requested_on=date(2026, 3, day)).order_id for day in (2, 3, 4)
        }

        assert found(program, query) == {by_day[day] for day in days}

    @pytest.mark.parametrize(
        ("query", "hours"),
        [
            ("created_from={1}", {1, 2}),
            ("created_to={1}", {0, 1}),
            ("created_from={1}&created_to={1}", {1}),
        ],
    )
    def test_are_found_by_when_they_were_made(self, program, query, hours):
        instants = [AT + timedelta(hours=hour) for hour in range(3)]
        rows = [PaymentFactory(order__made_at=at).order_id for at in instants]

        asked = query.format(*map(text, instants))

        assert found(program, asked) == {rows[hour] for hour in hours}

    def test_are_found_by_direction(self, program, town):
        debit, credit = town.debit(), town.micro_deposits("880055512349")

        assert found(program, "direction=debit") == {debit.order_id}
        assert found(program, "direction=credit") == {credit.order_id}

    def test_are_found_by_the_code_a_payment_came_back_with(self, program, returned):
        PaymentFactory(status=PaymentStatus.RETURNED)

        assert found(program, "return_code=R02") == {returned.order_id}
        assert found(program, "return_code=R01") == set()

    def test_are_found_by_one_payment_that_is_all_that_is_asked(self, program):
        cancelled = PaymentFactory(requested_on=date(2026, 3, 2), status=PaymentStatus.CANCELLED)
        order = cancelled.order
        PaymentFactory(
            requested_on=date(2026, 3, 9),
            order=order,
            mandate=cancelled.mandate,
            fund=cancelled.lease.unit.property.deposit_fund,
        )

        assert found(program, "status=Cancelled&effective_to=2026-03-02") == {order.pk}
        assert found(program, "status=Pending&effective_to=2026-03-02") == set()


class TestUpdatedSince:
    def test_are_those_of_which_a_status_moved_then_or_later(self, program):
        before, moved = PaymentFactory.create_batch(2)
        tell_made([before.pk, moved.pk])
        move(moved, PaymentStatus.HELD)
        at = Event.objects.about(moved).get(became=PaymentStatus.HELD).at

        assert found(program, f"updated_since={text(at)}") == {moved.order_id}
        assert found(program, f"updated_since={text(at + timedelta(microseconds=1))}") == set()

    def test_a_new_order_is_news(self, program):
        new = PaymentFactory()
        tell_made([new.pk])
        at = Event.objects.about(new).get().at

        assert found(program, f"updated_since={text(at)}") == {new.order_id}

    def test_is_looked_up_and_no_history_read(self, program):
        payment = PaymentFactory()
        tell_made([payment.pk])
        with connection.cursor() as cursor:
            cursor.execute(HISTORY)
        at = text(Event.objects.latest("pk").at)
        rows, _place = orders_asked_for(SimpleNamespace(query_params={"updated_since": at}))

        plan = rows.order_by("pk")[:1].explain()

        assert "event_by_subject_at" in plan
        assert "Seq Scan on audit_event" not in plan

    def test_the_history_of_other_things_under_the_same_number_is_not(self, program):
        payment = PaymentFactory()
        with connection.cursor() as cursor:
            cursor.execute(OF_A_BATCH, [str(payment.pk)])
        at = Event.objects.latest("pk").at

        assert found(program, f"updated_since={text(at)}") == set()


class TestWhatCameBack:
    @pytest.mark.parametrize("place", ["returns", "corrections"])
    @pytest.mark.parametrize(("query", "count"), [("property=p-1", 1), ("property=p-2", 0)])
    def test_is_found_by_property(self, program, town, place, query, count):
        debit = named(town.debit(), "p-1")
        settle(town, send(town))
        code, data = ("R02", "") if place == "returns" else ("C04", "ADA KING")
        deliver(town, about(only_entry(), code, data=data))

        assert debit.pk
        assert len(found(program, query, place)) == count

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("created_from=2026-03-05T00:00:00Z", 1),
            ("direction=out&created_to=2026-03-05T00:00:00Z", 1),
            ("created_to=2026-02-28T23:59:59Z", 0),
        ],
    )
    def test_files_are_found_by_when_they_were_made(self, program, returned, query, count):
        assert len(found(program, query, "files")) == count


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        (f"{PLACE}?effective_from=20260301", "/effective_from"),
        (f"{PLACE}?effective_to=2026-02-30", "/effective_to"),
        (f"{PLACE}?effective_from=2026-03-02&effective_to=2026-03-01", "/effective_to"),
        (f"{PLACE}?created_from=2026-03-02", "/created_from"),
        (f"{PLACE}?created_to=2026-03-02T25:00:00Z", "/created_to"),
        (
            f"{PLACE}?created_from=2026-03-02T00:00:00.5Z&created_to=2026-03-02T00:00:00Z",
            "/created_to",
        ),
        (f"{PLACE}?return_code=01", "/return_code"),
        (f"{PLACE}?return_code=r01", "/return_code"),
        (f"{PLACE}?direction=DEBIT", "/direction"),
        (f"{PLACE}?batch_id=%C2%B2", "/batch_id"),
        (f"{PLACE}?updated_since=yesterday", "/updated_since"),
        (f"{PLACE}?updated_since=2026-03-02T00:00:00-05:00", "/updated_since"),
        (f"{PLACE}?updated_since=2026-03-02T00:00:00", "/updated_since"),
        ("returns?from=2026-03-02&to=2026-03-01", "/to"),
        ("corrections?from=2026-03-02&to=2026-03-01", "/to"),
        ("files?created_from=2026-03-02", "/created_from"),
    ],
)
def test_what_is_no_answer_to_the_question_is_named(program, query, pointer):
    answer = program.get(query)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_all_that_is_wrong_is_named_at_once(program):
    answer = program.get(f"{PLACE}?return_code=x&effective_from=x&batch_id=x")

    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert pointers == {"/return_code", "/effective_from", "/batch_id"}


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("effective_from=2026-03-01", "effective_from=2026-03-02"),
        ("updated_since=2020-03-01T00:00:00Z", "updated_since=2020-03-01T00:00:01Z"),
        ("property=p-1", "property=p-1&direction=debit"),
        ("direction=debit&property=p-1", "property=p-1"),
    ],
)
def test_a_cursor_is_of_all_that_was_asked(program, asked, other):
    rows = [named(PaymentFactory(), "") for _ in range(2)]
    Property.objects.filter(pk=rows[0].lease.unit.property_id).update(external_id="p-1")
    again = PaymentFactory(mandate=rows[0].mandate)
    tell_made([rows[0].pk, again.pk])
    first = program.get(f"{PLACE}?{asked}&limit=1").json()

    taken = program.get(f"{PLACE}?{asked}&cursor={first['next_cursor']}")
    refused = program.get(f"{PLACE}?{other}&cursor={first['next_cursor']}")

    assert taken.status_code == 200
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/cursor")
