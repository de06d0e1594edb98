"""Many debits in one request: all or nothing, or each for itself where the program wants that."""

import json
import logging

import pytest
from django.test import Client as Browser

from housing_ach.api.models import IdempotencyKey
from housing_ach.clock import services as clock
from housing_ach.mandates.services import add_bank_account, correct_account, mark_verified
from housing_ach.mandates.states import AccountType, VerificationMethod
from housing_ach.payments.models import Order, Payment, Submission
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.states import Scope
from tests.api.calling import bearer, registered, token_of
from tests.api.test_transactions import PATH, post
from tests.factories import AT, LeaseShareFactory, MandateFactory, PaymentFactory
from tests.payments.story import owe

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandates():
    clock.start(AT)
    made = [MandateFactory() for _ in range(3)]
    for mandate in made:
        owe(mandate.lease)
    return made


@pytest.fixture
def client():
    return registered(scopes=(Scope.READ, Scope.WRITE))


@pytest.fixture
def token(client):
    return token_of(*client)


def item(mandate, /, **other):
    return {
        "external_id": f"march-{mandate.pk}",
        "tenant": mandate.tenant.external_id,
        "lease": mandate.lease.external_id,
        "mandate": str(mandate.pk),
        "amount": 1000_00,
        "currency": "USD",
        "effective_date": "2026-03-03",
    } | other


def batch(items, /, **other):
    amounts = [each["amount"] for each in items]
    total = sum(amount for amount in amounts if isinstance(amount, int))
    return {"count": len(items), "total_amount": total, "items": items} | other


def pointers(answer):
    return [each["pointer"] for each in answer.json()["errors"]]


def test_a_batch_is_made_whole_and_followed_as_one(token, client, mandates):
    items = [item(mandate, metadata={"run": "2026-03"}) for mandate in mandates]

    answer = post(token, batch(items, external_id="march"))

    made = Submission.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/ach/status/{made.pk}"
    assert answer.json()["totals"] == [{"status": "Pending", "count": 3, "amount": 3000_00}]
    assert (made.client, made.asked_count, made.asked_cents) == (client[0], 3, 3000_00)
    orders = Browser().get(answer["Location"], headers=bearer(token)).json()["orders"]["data"]
    assert [row["external_id"] for row in orders] == [each["external_id"] for each in items]
    assert orders[0]["metadata"] == {"run": "2026-03"}


def test_one_that_is_refused_stops_all_and_is_named(token, mandates):
    items = [item(mandate) for mandate in mandates]
    items[1]["amount"], items[2]["amount"] = 9000_00, 8000_00

    answer = post(token, batch(items))

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/refused")
    assert pointers(answer) == ["/items/1/amount", "/items/2/amount"]
    assert not Order.objects.exists()
    assert not Submission.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_the_rest_is_made_where_that_is_wanted(token, mandates):
    items = [item(mandate) for mandate in mandates]
    items[0]["amount"], items[1]["tenant"] = 9000_00, "nobody"

    answer = post(token, batch(items, all_or_nothing=False))

    assert answer.status_code == 201
    assert [(each["index"], each["pointer"]) for each in answer.json()["refused"]] == [
        (0, "/amount"),
        (1, "/tenant"),
    ]
    assert answer.json()["refused"] == Submission.objects.get().refused
    assert Order.objects.get().external_id == items[2]["external_id"]


def test_where_nothing_can_be_made_no_batch_is(token, mandates):
    items = [item(mandate, amount=9000_00) for mandate in mandates]

    assert post(token, batch(items, all_or_nothing=False)).status_code == 409
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"count": 4}, "/count"),
        ({"total_amount": 1}, "/total_amount"),
        ({"items": []}, "/items"),
        ({"items": "all"}, "/items"),
        ({"all_or_nothing": "perhaps"}, "/all_or_nothing"),
        ({"external_id": "a b"}, "/external_id"),
        ({"colour": "red"}, "/colour"),
    ],
    ids=str,
)
def test_what_is_wrong_with_the_whole_is_named(token, mandates, other, pointer):
    answer = post(token, batch([item(mandate) for mandate in mandates], **other))

    assert answer.status_code == 422
    assert pointers(answer)[0] == pointer
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"amount": "1"}, "/items/1/amount"),
        ({"tenant": "nobody"}, "/items/1/tenant"),
        ({"metadata": {"ssn": "123-45-6789"}}, "/items/1/metadata/ssn"),
        ({"metadata": {"acct": "000123456789"}}, "/items/1/metadata/acct"),
        ({"metadata": {str(n): "" for n in range(21)}}, "/items/1/metadata"),
        ({"purpose": "gift"}, "/items/1/purpose"),
        ({"routing": "021000021"}, "/items/1/routing"),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_item_is_named(token, mandates, other, pointer):
    items = [item(mandate) for mandate in mandates]
    good = items[1]["amount"]
    items[1] |= other

    answer = post(token, batch(items, total_amount=good * 3))

    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    assert not Order.objects.exists()


def test_more_than_ten_thousand_are_refused(token, mandates):
    items = [item(mandates[0])] * 10_001

    answer = post(token, batch(items))

    assert answer.status_code == 422
    assert "/items" in pointers(answer)


def test_the_name_of_a_batch_is_its_own_for_ever(token, mandates):
    first = post(token, batch([item(mandates[0])], external_id="march"))
    again = post(token, batch([item(mandates[0])], external_id="march"))
    other = post(token, batch([item(mandates[1])], external_id="march"))

    assert (first.json()["id"], again.status_code) == (again.json()["id"], 201)
    assert other.status_code == 409
    assert pointers(other) == ["/external_id"]


def test_only_charges_of_the_purpose_are_paid(token, mandates):
    answer = post(token, item(mandates[0], purpose="deposit"))

    assert answer.status_code == 409
    assert pointers(answer) == ["/amount"]


class TestAnAccountNumber:
    NUMBER = "880012349876"

    @pytest.fixture
    def mandate(self):
        """Of an account whose number the vault has."""
        clock.start(AT)
        share = LeaseShareFactory()
        account = add_bank_account(
            tenant=share.tenant,
            holder_name="Ada Fern",
            routing="021000021",
            account_number=self.NUMBER,
            account_type=AccountType.CHECKING,
            at=AT,
        )
        mark_verified(account, method=VerificationMethod.MANUAL, on=AT.date())
        owe(share.lease)
        return MandateFactory(tenant=share.tenant, lease=share.lease, bank_account=account)

    @pytest.fixture
    def asked(self, mandate):
        asked = item(mandate, routing="021000021", account_number=self.NUMBER)
        del asked["mandate"]
        return asked

    def test_names_the_account_where_the_token_may_give_it(self, asked, mandate, caplog):
        caplog.set_level(logging.DEBUG)
        token = token_of(*registered(scopes=(Scope.WRITE, Scope.TOKENIZE)))

        answer = post(token, asked)

        assert answer.status_code == 201
        assert Payment.objects.get().mandate == mandate
        assert self.NUMBER not in answer.text + caplog.text

    def test_the_token_before_a_correction_still_names_the_account(self, asked, mandate):
        before = str(mandate.bank_account.token)
        correct_account(mandate.bank_account, account_number="880012349879", reason="C01", at=AT)
        named = {key: asked[key] for key in asked if key not in {"routing", "account_number"}}

        answer = post(
            token_of(*registered(scopes=(Scope.WRITE,))), named | {"bank_account": before}
        )

        assert answer.status_code == 201

    def test_that_is_not_on_file_is_not_told(self, asked, caplog):
        token = token_of(*registered(scopes=(Scope.WRITE, Scope.TOKENIZE)))

        answer = post(token, asked | {"account_number": "880012349877"})

        assert pointers(answer) == ["/account_number"]
        assert "88001234" not in answer.text + caplog.text

    def test_needs_a_scope_of_its_own(self, token, asked):
        answer = post(token, asked)

        assert answer.json()["type"] == "/problems/insufficient-scope"
        assert self.NUMBER not in answer.text


def cancel(token, order, **body):
    path = f"{PATH}/{order.pk}/cancel"
    headers = bearer(token) | {"Idempotency-Key": f"cancel-{order.pk}"}
    return Browser().post(path, json.dumps(body), content_type="application/json", headers=headers)


class TestCancelling:
    def test_stops_what_is_not_written(self, token, mandates):
        post(token, item(mandates[0]))
        order = Order.objects.get()

        answer = cancel(token, order, reason="Asked for twice")

        assert answer.status_code == 200
        assert answer.json()["payments"][0]["status"] == "Cancelled"
        assert Payment.objects.get().status == PaymentStatus.CANCELLED

    def test_of_what_is_with_the_bank_is_refused(self, token):
        clock.start(AT)
        payment = PaymentFactory(status=PaymentStatus.SENT)

        answer = cancel(token, payment.order, reason="Too late")

        assert answer.status_code == 409
        assert answer.json()["errors"][0]["code"] == "TooLate"

    def test_needs_a_reason(self, token):
        assert cancel(token, PaymentFactory().order).status_code == 422
