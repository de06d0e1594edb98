"""What happened is told to who asks: every event once and in order, what the bank sent, the files."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housing_ach.audit.acting import acting
from housing_ach.audit.move import move
from housing_ach.batches.models import Entry
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.states import Scope
from housing_ach.webhooks.catalogue import KINDS
from housing_ach.webhooks.models import Delivery
from housing_ach.webhooks.services import plan_from_events, reading
from tests.api.programs import Program
from tests.factories import AT, PaymentFactory, UserFactory
from tests.final import wait_until_final
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle
from tests.webhooks.receiver import told_at

NUMBER = "9900123456"
CODES = ("R02", "R02", "C04", "C04")


def told_payments(number):
    """Made, each told as it is by the service that makes them."""
    rows = PaymentFactory.create_batch(number)
    tell_made([row.pk for row in rows])
    return rows


def entries():
    rows = Entry.objects.select_related("account_version", "payment")
    return rows.order_by("pk")


def followed(program, query=""):
    """Page by page, as a program does it: each page's events."""
    after, pages = "", []
    while True:
        page = program.get(f"events?{query}&after={after}").json()
        pages.append(page["data"])
        after = page["next_cursor"]
        if not page["has_more"]:
            return pages


class TestEvents:
    @pytest.fixture(autouse=True)
    def committed(self, committed_db):
        """Only what is committed is final."""

    @pytest.fixture
    def program(self, committed):
        return Program(Scope.READ)

    def test_are_those_the_webhooks_tell(self, program, receiver):
        told_at(receiver)
        with acting(f"user:{UserFactory(is_staff=True).pk}"):
            (payment,) = told_payments(1)
            move(payment, PaymentStatus.HELD)
        wait_until_final()
        plan_from_events(at=AT)

        found = [event for page in followed(program) for event in page]

        sent = list(Delivery.objects.order_by("pk").values_list("kind", flat=True))
        assert sent[-2:] == ["payment.created", "payment.held"]
        assert [row["type"] for row in found][-len(sent) :] == sent
        assert json.loads(Delivery.objects.latest("pk").body) == found[-1]
        last = program.get(f"events/{found[-1]['id']}").json()
        assert last == found[-1]
        assert (last["type"], last["origin"]) == ("payment.held", "staff")
        assert last["actor"].startswith("user:")
        assert last["data"]["amount"] == payment.cents

    def test_come_once_however_short_the_pages(self, program, monkeypatch):
        monkeypatch.setattr(reading, "LOOKED_AT", 3)
        rows = told_payments(5)
        wait_until_final()

        pages = followed(program, "limit=2&type=payment.created")

        ids = [event["data"]["id"] for page in pages for event in page]
        assert ids == [str(row.pk) for row in rows]
        assert max(len(page) for page in pages) == 2

    def test_go_on_where_a_reader_stopped(self, program):
        told_payments(1)
        wait_until_final()
        end = program.get("events?limit=200").json()["next_cursor"]
        assert program.get(f"events?after={end}").json()["data"] == []

        (new,) = told_payments(1)
        wait_until_final()

        data = program.get(f"events?after={end}").json()["data"]
        (event,) = [row for row in data if row["type"] == "payment.created"]
        assert event["data"]["id"] == str(new.pk)

    def test_are_found_by_each_type(self, program):
        for payment in told_payments(2):
            move(payment, PaymentStatus.HELD)
            move(payment, PaymentStatus.CANCELLED)
        wait_until_final()
        everything = [event["type"] for page in followed(program) for event in page]

        by_type = {
            name: sum(len(page) for page in followed(program, f"type={name}")) for name in KINDS
        }

        assert sum(by_type.values()) == len(everything)
        assert by_type["payment.held"] == by_type["payment.cancelled"] == 2

    def test_that_are_nobodys_business_are_not_there(self, program):
        told_payments(1)
        wait_until_final()

        assert program.get("events/evt_99999999").status_code == 404
        assert program.get("events?type=payment.unheard").status_code == 422
        assert program.get("events?after=made-up").status_code == 422


@pytest.fixture
def program(db):
    return Program(Scope.READ)


@pytest.fixture
def returned(town):
    payment = town.debit()
    file = send(town)
    settle(town, file)
    deliver(town, about(only_entry(), "R02"))
    return payment, file


@pytest.fixture
def corrected(town):
    payment = town.debit()
    settle(town, send(town))
    deliver(town, about(only_entry(), "C03", data=f"323232322   {NUMBER}"))
    return payment


class TestReturns:
    def test_name_what_came_back_and_why(self, returned, program):
        payment, _file = returned

        (told,) = program.get("returns?code=R02").json()["data"]

        assert told == program.get(f"returns/{told['id']}").json()
        assert (told["kind"], told["reason"]) == ("return", "Your bank account is closed")
        assert (told["payment"], told["order"]) == (str(payment.pk), str(payment.order_id))
        assert (told["amount"], told["direction"]) == (payment.cents, "debit")

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            *(("code=R01", 0), ("kind=return&direction=debit", 1), ("direction=credit", 0)),
            *(("from=2026-03-01&to=2026-03-31", 1), ("to=2026-03-01", 0), ("tenant=nobody", 0)),
        ],
    )
    def test_are_found_by_what_is_asked(self, returned, program, query, count):
        assert len(program.get(f"returns?{query}").json()["data"]) == count

    @pytest.mark.parametrize("query", ["from=20260301", "to=2026-02-30", "kind=RETURN", "kind="])
    def test_are_not_asked_for_by_nonsense(self, program, query):
        assert program.get(f"returns?{query}").status_code == 422


class TestCorrections:
    def test_say_which_fields_and_no_value(self, corrected, program):
        answer = program.get("corrections?status=applied")

        (told,) = answer.json()["data"]
        assert told == program.get(f"corrections/{told['id']}").json()
        assert told["changed"] == ["account_number", "routing"]
        assert told["last_four"] == NUMBER[-4:]
        assert NUMBER not in answer.text
        assert "323232322" not in answer.text
        assert told["payment"] == str(corrected.pk)


class TestFiles:
    def test_are_told_both_ways_without_a_byte(self, returned, program):
        payment, file = returned

        sent = program.get(f"files/{file.pk}").json()
        back = program.get("files?direction=in&kind=returns").json()["data"]

        assert (sent["name"], sent["sha256"], sent["size"]) == (file.name, file.sha256, file.size)
        assert (sent["direction"], sent["amount"], sent["entry_count"]) == ("out", payment.cents, 1)
        assert [batch["amount"] for batch in sent["batches"]] == [payment.cents]
        assert [row["return_count"] for row in back] == [1]
        assert not {"masked", "sealed", "bytes"} & set(sent)

    def test_of_micro_deposits_have_no_cents(self, town, program):
        town.micro_deposits("880055512349")
        file = send(town)

        told = program.get(f"files/{file.pk}").json()

        assert told["amount"] is None
        assert {batch["amount"] for batch in told["batches"]} == {None}


@pytest.mark.parametrize("place", ["returns", "corrections", "files"])
def test_many_cost_as_many_queries_as_one(town, program, place):
    for _ in range(4):
        town.debit()
    settle(town, send(town))
    letters = [
        about(entry, code, number=number, data="" if code == "R02" else "ADA KING")
        for number, (entry, code) in enumerate(zip(entries(), CODES, strict=True), 1)
    ]
    deliver(town, *letters)
    assert len(program.get(place).json()["data"]) > 1
    counts = []
    for limit in (1, 10):
        with CaptureQueriesContext(connection) as asked:
            program.get(f"{place}?limit={limit}")
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("place", ["events", "returns", "corrections", "files"])
def test_they_are_for_readers_alone(db, place):
    assert Program(Scope.WRITE).get(place).status_code == 403
