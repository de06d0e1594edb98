"""What an order has come to, and how the API says no."""

import pytest
from django.test import Client as Browser

from housing_ach.payments.states import PaymentStatus, public
from tests.api.calling import bearer, registered, token_of
from tests.factories import FundFactory, PaymentFactory
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def token():
    return token_of(*registered())


def get(token, path, **headers):
    return Browser().get(f"/api/v1{path}", headers=bearer(token) | headers)


def status(token, order, query=""):
    return get(token, f"/ach/status/{order.pk}{query}").json()


class TestAnOrder:
    def test_is_told_with_its_payments_and_their_dates(self, town, token):
        payment = town.debit()

        told = status(token, payment.order)

        assert (told["object"], told["id"]) == ("order", str(payment.order_id))
        assert (told["amount"], told["currency"], told["livemode"]) == (1000_00, "USD", False)
        assert told["totals"] == [{"status": "Pending", "count": 1, "amount": 1000_00}]
        (one,) = told["payments"]["data"]
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

        (one,) = status(token, payment.order)["payments"]["data"]

        assert (one["status"], one["file"]) == ("Returned", file.name)
        assert one["trace"] == only_entry().trace
        assert one["return"]["code"] == "R02"
        assert one["return"]["reason"] == "Your bank account is closed"

    def test_holds_nothing_of_an_account(self, town, token):
        payment = town.debit()

        told = get(token, f"/ach/status/{payment.order_id}").text

        assert payment.bank_account is None or payment.bank_account.routing not in told
        assert payment.mandate.bank_account.routing not in told
        assert payment.mandate.bank_account.last_four not in told
        assert payment.tenant.name not in told

    def test_of_micro_deposits_tells_no_cents(self, town, token):
        order = town.micro_deposits("880055512349").order

        told = status(token, order)

        assert told["amount"] is None
        assert {row["amount"] for row in told["totals"]} == {None}
        assert {row["amount"] for row in told["payments"]["data"]} == {None}

    @pytest.mark.parametrize("state", PaymentStatus)
    def test_of_every_state_has_its_public_word(self, token, state):
        order = PaymentFactory(status=state).order

        assert status(token, order)["totals"][0]["status"] == public(state)


class TestPages:
    @pytest.fixture
    def order(self):
        first = PaymentFactory()
        for _ in range(4):
            PaymentFactory(order=first.order, mandate=first.mandate, fund=FundFactory())
        return first.order

    def test_follow_each_other_and_end(self, token, order):
        seen, query = [], "?limit=2"
        while query:
            page = status(token, order, query)["payments"]
            seen += [row["id"] for row in page["data"]]
            query = page["has_more"] and f"?limit=2&cursor={page['next_cursor']}"

        assert seen == [str(pk) for pk in sorted(order.payments.values_list("pk", flat=True))]

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
    def test_that_make_no_sense_are_refused(self, token, order, query, pointer):
        answer = get(token, f"/ach/status/{order.pk}?{query}")

        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]

    def test_of_another_list_are_refused(self, token, order):
        cursor = status(token, order, "?limit=1")["payments"]["next_cursor"]
        other = PaymentFactory().order

        assert get(token, f"/ach/status/{other.pk}?cursor={cursor}").status_code == 422


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "code", "kind"),
        [
            ("get", "/ach/status/999999", 404, "not-found"),
            ("post", "/ach/status/1", 403, "insufficient-scope"),
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
