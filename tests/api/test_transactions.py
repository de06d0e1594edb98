"""A debit asked for by a program: once, whatever happens on the way."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser

from housing_ach.api import idempotency
from housing_ach.api.models import IdempotencyKey
from housing_ach.audit.models import Event
from housing_ach.clock import services as clock
from housing_ach.payments.models import Order
from housing_ach.payments.services import orders
from housing_ach.users.states import Scope
from tests.api.calling import bearer, registered, token_of
from tests.factories import AT, MandateFactory
from tests.payments.story import owe
from tests.payments.test_parallel import together

PATH = "/api/v1/ach/transactions"


@pytest.fixture
def mandate(db):
    clock.start(AT)
    made = MandateFactory()
    owe(made.lease)
    return made


@pytest.fixture
def client(db):
    return registered(scopes=(Scope.READ, Scope.WRITE))


@pytest.fixture
def token(client):
    return token_of(*client)


def wish(mandate, /, **other):
    return {
        "external_id": "rent-2026-03-17",
        "tenant": mandate.tenant.external_id,
        "lease": mandate.lease.external_id,
        "mandate": str(mandate.pk),
        "amount": 1000_00,
        "currency": "USD",
        "effective_date": "2026-03-03",
    } | other


def post(token, body, key=None, **more):
    raw = body if isinstance(body, str) else json.dumps(body)
    headers = bearer(token) | {"Idempotency-Key": key or uuid4().hex} | more
    return Browser().post(PATH, raw, content_type="application/json", headers=headers)


def test_a_debit_is_made_and_can_be_followed(token, client, mandate):
    answer = post(token, wish(mandate))

    order = Order.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/ach/status/{order.submission_id}"
    assert (answer.json()["id"], answer.json()["external_id"]) == (str(order.pk), "rent-2026-03-17")
    assert order.cents == 1000_00
    followed = Browser().get(answer["Location"], headers=bearer(token)).json()
    assert followed["orders"]["data"][0]["payments"][0]["status"] == "Pending"
    assert f"client:{client[0].client_id}" in set(
        Event.objects.filter(subject="payments.payment").values_list("actor", flat=True)
    )


def test_the_account_names_the_permission_too(token, mandate):
    body = wish(mandate, bank_account=str(mandate.bank_account.token))
    del body["mandate"]

    assert post(token, body).status_code == 201
    assert Order.objects.get().payments.get().mandate == mandate


class TestAKey:
    def test_gives_the_same_answer_again_and_does_nothing(self, token, mandate):
        first, second = (post(token, wish(mandate), "the-same-key") for _ in range(2))

        assert Order.objects.count() == 1
        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert first["Location"] == second["Location"]
        assert [answer.get("Idempotent-Replayed") for answer in (first, second)] == [None, "true"]

    def test_belongs_to_one_request(self, token, mandate):
        post(token, wish(mandate), "the-same-key")

        answer = post(token, wish(mandate, amount=500_00), "the-same-key")

        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/idempotency-key-reused"
        assert Order.objects.count() == 1

    def test_of_another_client_is_another_key(self, token, mandate):
        other = token_of(*registered(scopes=(Scope.WRITE,)))

        post(token, wish(mandate), "the-same-key")
        answer = post(other, wish(mandate), "the-same-key")

        assert "Idempotent-Replayed" not in answer
        assert IdempotencyKey.objects.count() == 2

    @pytest.mark.parametrize("key", ["short", "x" * 256, "\x7f" * 9], ids=len)
    def test_is_needed_and_readable(self, token, mandate, key):
        answer = post(token, wish(mandate), key)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/Idempotency-Key"
        assert not Order.objects.exists()

    def test_of_a_refused_request_can_be_used_again(self, token, mandate):
        refused = post(token, wish(mandate, amount=5_000_000_00), "the-same-key")
        taken = post(token, wish(mandate), "the-same-key")

        assert (refused.status_code, taken.status_code) == (409, 201)

    def test_of_what_broke_is_not_kept(self, token, mandate, monkeypatch):
        def broken(*args):
            raise RuntimeError("the machine stopped")

        with monkeypatch.context() as patch:
            patch.setattr(orders, "tell_made", broken)
            with pytest.raises(RuntimeError):
                post(token, wish(mandate), "the-same-key")
        assert not Order.objects.exists()

        assert post(token, wish(mandate), "the-same-key").status_code == 201

    def test_is_forgotten_when_no_return_can_come_any_more(self, token, mandate):
        post(token, wish(mandate), "the-same-key")

        assert idempotency.forget(at=AT + idempotency.KEPT / 2) == 0
        assert idempotency.forget(at=AT + idempotency.KEPT * 2) == 1


def test_fifty_at_once_are_one_payment(committed_db):
    clock.start(AT)
    mandate = MandateFactory()
    owe(mandate.lease)
    token = token_of(*registered(scopes=(Scope.WRITE,)))
    answers = []

    together(*[lambda: answers.append(post(token, wish(mandate), "the-same-key"))] * 50)

    assert Order.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.json()["id"] for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in made) == 1
    connection.close()


def test_an_external_id_is_one_order_for_ever(token, mandate):
    first, again = (post(token, wish(mandate)) for _ in range(2))
    other = post(token, wish(mandate, amount=500_00))

    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 409
    assert other.json()["errors"][0]["pointer"] == "/external_id"


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": "1000"}, "/amount"),
        ({"amount": 10.5}, "/amount"),
        ({"amount": True}, "/amount"),
        ({"currency": "EUR"}, "/currency"),
        ({"effective_date": "03/03/2026"}, "/effective_date"),
        ({"external_id": "web-1-abc"}, "/external_id"),
        ({"external_id": ""}, "/external_id"),
        ({"colour": "red"}, "/colour"),
        ({"tenant": "T-nobody"}, "/tenant"),
        ({"lease": "L-nowhere"}, "/lease"),
        ({"mandate": "999999"}, "/mandate"),
        ({"mandate": "1; DROP"}, "/mandate"),
        ({"bank_account": "3f2b8c1e-0d4a-4c59-9a7e-5b1c2d3e4f50"}, "/mandate"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_and_changes_nothing(token, mandate, other, pointer):
    answer = post(token, wish(mandate, **other))

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not Order.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_a_rule_that_says_no_names_the_field_as_it_was_sent(token, mandate):
    answer = post(token, wish(mandate, amount=5_000_000_00))

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/refused")
    assert answer.json()["errors"][0]["pointer"] == "/amount"
    assert not Order.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\ud83d"])
def test_what_is_no_object_is_refused(token, mandate, body):
    answer = post(token, body.encode("utf-8", "replace").decode())

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_reading_alone_moves_nothing(mandate):
    answer = post(token_of(*registered()), wish(mandate))

    assert answer.status_code == 403
    assert not Order.objects.exists()


def test_the_history_names_the_request(token, mandate):
    post(token, wish(mandate), **{"X-Request-Id": "from-the-erp-17"})

    told = Event.objects.filter(subject="payments.payment").values_list("request_id", flat=True)
    assert set(told) == {"from-the-erp-17"}
