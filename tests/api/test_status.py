"""What an order has come to, and how the API says no."""

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus, public
from tests.api.calling import bearer, registered, token_of
from tests.factories import PaymentFactory, SubmissionFactory
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def token():
    return token_of(*registered())


def get(token, path, **headers):
    return Browser().get(f"/api/v1{path}", headers=bearer(token) | headers)


def shown(token, order):
    return get(token, f"/ach/transactions/{order.pk}").json()


def status(token, submission, query=""):
    return get(token, f"/ach/status/{submission.pk}{query}").json()


class TestAnOrder:
    def test_is_told_with_its_payments_and_their_dates(self, town, token):
        payment = town.debit()

        told = shown(token, payment.order)

        assert (told["object"], told["id"]) == ("order", str(payment.order_id))
        assert (told["amount"], told["currency"], told["livemode"]) == (1000_00, "USD", False)
        (one,) = told["payments"]
        assert (one["status"], one["amount"], one["direction"]) == ("Pending", 1000_00, "debit")
        assert one["expected"] == {
            "change_until": "2026-03-02T20:00:00Z",
            "effective_on": "2026-03-03",
            "settles_on": "2026-03-03",
            "clears_on": "2026-03-06",
        }
        assert (one["trace"], one["file"], one["return"]) == (None, None, None)

    def test_says_where_it_went_and_why_it_came_back(self, town, token):
        payment = town.debit()
        file = send(town)
        settle(town, file)
        deliver(town, about(only_entry(), "R02"))

        (one,) = shown(token, payment.order)["payments"]

        assert (one["status"], one["file"]) == ("Returned", file.name)
        assert one["trace"] == only_entry().trace
        assert one["return"]["code"] == "R02"
        assert one["return"]["reason"] == "Your bank account is closed"

    def test_holds_nothing_of_an_account(self, town, token):
        payment = town.debit()

        told = get(token, f"/ach/transactions/{payment.order_id}").text

        assert payment.bank_account is None or payment.bank_account.routing not in told
        assert payment.mandate.bank_account.routing not in told
        assert payment.mandate.bank_account.last_four not in told
        assert payment.tenant.name not in told

    def test_of_micro_deposits_tells_no_cents(self, town, token):
        order = town.micro_deposits("880055512349").order

        told = shown(token, order)

        assert told["amount"] is None
        assert {row["amount"] for row in told["payments"]} == {None}

    @pytest.mark.parametrize("state", PaymentStatus)
    def test_of_every_state_has_its_public_word(self, token, state):
        order = PaymentFactory(status=state).order

        assert shown(token, order)["payments"][0]["status"] == public(state)


@pytest.fixture
def batch():
    """Five orders of one request."""
    submission = SubmissionFactory(asked_count=5, asked_cents=5000_00, external_id="march")
    for _ in range(5):
        PaymentFactory(order__submission=submission)
    return submission


class TestABatch:
    def test_is_told_with_its_sums_and_its_orders(self, token, batch):
        PaymentFactory()

        told = status(token, batch)

        assert (told["object"], told["id"], told["external_id"]) == (
            "submission",
            str(batch.pk),
            "march",
        )
        assert told["asked"] == {"count": 5, "amount": 5000_00}
        assert told["totals"] == [{"status": "Pending", "count": 5, "amount": 5000_00}]
        assert {row["batch_id"] for row in told["orders"]["data"]} == {str(batch.pk)}

    def test_asks_as_often_for_fifty_orders_as_for_five(self, token, batch):
        large = SubmissionFactory(asked_count=50, asked_cents=50_000_00)
        first = PaymentFactory(order__submission=large)
        for _ in range(49):
            PaymentFactory(order__submission=large, fund=first.fund, mandate=first.mandate)
        counts = []

        for each in (batch, large):
            with CaptureQueriesContext(connection) as asked:
                status(token, each)
            counts.append(len(asked))

        assert counts[1] <= counts[0]

    def test_is_told_again_only_once_something_changed(self, token, batch):
        place = f"/ach/status/{batch.pk}?limit=2"
        seen = get(token, place)["ETag"]

        assert get(token, place, **{"If-None-Match": seen}).status_code == 304

        Payment.objects.filter(order__submission=batch).update(status=PaymentStatus.BATCHED)
        Payment.objects.filter(order__submission=batch).update(status=PaymentStatus.SENT)
        Payment.objects.filter(order__submission=batch).update(status=PaymentStatus.SETTLED)

        changed = get(token, place, **{"If-None-Match": seen})
        assert changed.status_code == 200
        assert changed.json()["totals"][0]["status"] == "Settled"

    def test_of_a_batch_there_is_none_without_a_number(self, token):
        assert get(token, "/ach/transactions?batch_id=x").status_code == 422


class TestTheList:
    def test_is_of_what_is_asked_for(self, token, batch):
        other = PaymentFactory(status=PaymentStatus.RETURNED, order__external_id="rent-7").order
        query = {
            f"batch_id={batch.pk}": 5,
            "status=Returned": 1,
            "status=Settled": 0,
            "external_id=rent-7": 1,
            f"lease={other.lease.external_id}": 1,
            f"tenant={other.tenant.external_id}&kind=one_time": 1,
            "": 6,
        }

        found = {
            asked: len(get(token, f"/ach/transactions?{asked}").json()["data"]) for asked in query
        }

        assert found == query

    @pytest.mark.parametrize("wrong", ["status=returned", "kind=rent", "colour=red"])
    def test_says_what_it_does_not_know(self, token, wrong):
        assert get(token, f"/ach/transactions?{wrong}").status_code in {400, 422}

    def test_a_cursor_is_of_one_question(self, token, batch):
        first = get(token, "/ach/transactions?limit=2&kind=one_time").json()

        assert (
            get(token, f"/ach/transactions?limit=2&cursor={first['next_cursor']}").status_code
            == 422
        )


class TestPages:
    def test_follow_each_other_and_end(self, token, batch):
        seen, query = [], "?limit=2"
        while query:
            page = status(token, batch, query)["orders"]
            seen += [row["id"] for row in page["data"]]
            query = page["has_more"] and f"?limit=2&cursor={page['next_cursor']}"

        assert seen == [str(pk) for pk in sorted(batch.orders.values_list("pk", flat=True))]

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("limit=0", "/limit"),
            ("limit=201", "/limit"),
            ("limit=two", "/limit"),
            ("limit=²", "/limit"),
            ("cursor=made-up", "/cursor"),
        ],
    )
    def test_that_make_no_sense_are_refused(self, token, batch, query, pointer):
        answer = get(token, f"/ach/status/{batch.pk}?{query}")

        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]

    def test_of_another_list_are_refused(self, token, batch):
        cursor = status(token, batch, "?limit=1")["orders"]["next_cursor"]
        other = SubmissionFactory()

        assert get(token, f"/ach/status/{other.pk}?cursor={cursor}").status_code == 422


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "code", "kind"),
        [
            ("get", "/ach/status/999999", 404, "not-found"),
            ("post", "/ach/status/1", 405, "method-not-allowed"),
            ("get", "/ach/status/1?colour=red", 400, "bad-request"),
        ],
    )
    def test_are_told_as_rfc_9457_has_it(self, token, method, path, code, kind):
        headers = bearer(token) | {"X-Request-Id": "from-the-erp-17"}

        answer = getattr(Browser(), method)(f"/api/v1{path}", headers=headers)

        told = answer.json()
        assert (answer.status_code, told["status"]) == (code, code)
        assert answer["Content-Type"] == "application/problem+json"
        assert told["type"] == f"/problems/{kind}"
        assert told["instance"] == f"/api/v1{path.partition('?')[0]}"
        assert told["request_id"] == answer["X-Request-Id"] == "from-the-erp-17"

    def test_a_request_without_a_good_id_is_given_one(self, token):
        answers = [get(token, "/ach/status/1", **{"X-Request-Id": bad}) for bad in ("", "a b", "x")]

        assert len({answer["X-Request-Id"] for answer in answers}) == 3
        assert all(len(answer["X-Request-Id"]) == 32 for answer in answers)

    def test_nothing_is_kept_by_what_lies_between(self, token):
        assert get(token, "/ach/status/1")["Cache-Control"] == "no-store"
