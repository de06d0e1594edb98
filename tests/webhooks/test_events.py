"""What happened is told once to each endpoint that asked for it, and says nothing it should not."""

import json

import pytest

from housing_ach.audit.move import move
from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.services import add_bank_account, correct_account, mark_verified
from housing_ach.mandates.states import AccountType, VerificationMethod
from housing_ach.payments.services import pay_now, revoke_mandate
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from housing_ach.webhooks.catalogue import NAMES, PAYMENT
from housing_ach.webhooks.models import Delivery
from housing_ach.webhooks.services import bodies, disable_endpoint, plan_from_events
from tests.factories import AT, PaymentFactory, TenantFactory, UserFactory
from tests.final import wait_until_final
from tests.notices.letters import renting
from tests.payments.story import give_back, owe, settle
from tests.payments.test_parallel import together
from tests.returns import post
from tests.returns.letters import about
from tests.webhooks.receiver import told_at

NUMBER, ROUTING = "4417123456", "111000025"


@pytest.fixture(autouse=True)
def events(committed_db):
    """Only what is committed is final, so that nothing here is rolled back."""


def plan():
    wait_until_final()
    plan_from_events(at=AT)


def told(start=""):
    plan()
    rows = Delivery.objects.order_by("pk")
    return [json.loads(row.body) for row in rows if row.kind.startswith(start)]


def types(start=""):
    return [message["type"] for message in told(start)]


def made(**fields):
    payment = PaymentFactory(mandate=renting(), **fields)
    tell_made([payment.pk])
    return payment


def sealed_account(tenant):
    return add_bank_account(
        tenant=tenant,
        holder_name="Ada Lovelace",
        routing=ROUTING,
        account_number=NUMBER,
        account_type=AccountType.CHECKING,
        at=AT,
    )


def test_the_life_of_a_payment_is_told_in_order(receiver):
    told_at(receiver)
    payment = made()
    settle(payment)
    give_back(payment)

    messages = told("payment")

    assert [message["type"] for message in messages] == [
        "payment.created",
        "payment.submitted",
        "payment.settled",
        "payment.returned",
    ]
    numbers = [message["sequence"] for message in messages]
    assert numbers == sorted(numbers)
    assert messages[-1]["data"] == {
        "object": "payment",
        "id": str(payment.pk),
        "order_id": str(payment.order_id),
        "tenant_id": str(payment.tenant_id),
        "lease_id": str(payment.lease_id),
        "direction": "DEBIT",
        "purpose": "RENT",
        "return_code": None,
        "amount": 1000_00,
        "currency": "USD",
        "status": "Returned",
    }
    assert messages[-1]["livemode"] is False


def test_a_return_is_told_with_its_reason(receiver, quiet_town):
    told_at(receiver, kinds=["payment.returned"])
    town = quiet_town()
    town.debit()
    post.settle(town, post.send(town))

    post.deliver(town, about(post.only_entry(), "R02"))

    (message,) = told()
    assert message["data"]["return_code"] == "R02"


def test_nothing_is_told_twice(receiver):
    told_at(receiver)
    made()
    plan()
    before = Delivery.objects.count()

    plan()

    assert Delivery.objects.count() == before > 0


def test_two_readers_at_once_tell_each_event_once(receiver):
    told_at(receiver)
    for _ in range(5):
        made()
    wait_until_final()

    together(*[lambda: plan_from_events(at=AT)] * 2)

    assert types("payment") == ["payment.created"] * 5


def test_a_reader_goes_on_where_a_full_page_ended(receiver, monkeypatch):
    monkeypatch.setattr("housing_ach.webhooks.services.events.AT_ONCE", 3)
    told_at(receiver)
    for _ in range(4):
        made()

    assert types("payment") == ["payment.created"] * 4


def test_an_endpoint_is_told_what_it_asked_for(receiver):
    told_at(receiver, kinds=["payment.settled"])
    settle(made())

    assert types() == ["payment.settled"]


def test_a_disabled_endpoint_is_told_nothing(receiver):
    endpoint, _secret = told_at(receiver)
    disable_endpoint(endpoint)
    made()

    assert types() == []


def test_an_account_and_its_authorization_are_told(receiver):
    told_at(receiver)
    mandate = renting()
    revoke_mandate(mandate, by=UserFactory(), reason="moving out", at=AT)

    assert types("authorization") == ["authorization.created", "authorization.revoked"]
    assert {body["data"]["object"] for body in told("authorization")} == {"mandate"}
    assert types("bank_account") == ["bank_account.created"]


def test_a_correction_of_an_account_is_told(receiver):
    told_at(receiver)
    correct_account(sealed_account(TenantFactory()), reason="C02", at=AT, routing="021000021")

    assert types("bank_account") == ["bank_account.created", "bank_account.corrected"]


def test_an_exception_is_told_once_when_opened(receiver):
    told_at(receiver)
    payment = made()
    open_case(CaseKind.HOLD, PAYMENT, payment.pk, "Ada Lovelace is in doubt", at=AT)

    (message,) = told("exception")

    assert message["type"] == "exception.opened"
    assert message["data"]["subject"] == "payment"


def test_an_event_nobody_understands_keeps_no_other_from_being_told(receiver, monkeypatch):
    told_at(receiver)
    odd, other = made(), made()
    real = bodies._data

    def data(event, facts):
        if event.subject == PAYMENT and event.subject_id == str(odd.pk):
            raise LookupError("no such thing")
        return real(event, facts)

    monkeypatch.setattr(bodies, "_data", data)

    said = {message["data"]["id"] for message in told("payment.")}

    assert said == {str(other.pk)}
    case = Case.objects.get(kind=CaseKind.WEBHOOK_NOT_TAKEN)
    assert (case.subject, case.subject_id) == (PAYMENT, str(odd.pk))
    assert types("payment.") == ["payment.created"]


def test_no_message_names_an_account_or_a_tenant(receiver):
    told_at(receiver)
    mandate = renting()
    account = sealed_account(mandate.tenant)
    mark_verified(account, method=VerificationMethod.MANUAL, on=AT.date())
    owe(mandate.lease)
    pay_now(
        tenant=mandate.tenant,
        lease=mandate.lease,
        mandate=mandate,
        by=UserFactory(),
        at=AT,
        cents=1000_00,
        requested_on=AT.date(),
    )
    open_case(CaseKind.HOLD, PAYMENT, 1, "Ada Lovelace is in doubt", at=AT)
    plan()

    said = "\n".join(Delivery.objects.values_list("body", flat=True))

    assert "bank_account.verified" in said
    secrets = (NUMBER, NUMBER[-4:], ROUTING, "6789", "Ada", "Lovelace", "example.org")
    assert not [secret for secret in secrets if f'"{secret}' in said or f"{secret} " in said]


def test_the_cents_of_a_micro_deposit_are_told_nobody(receiver):
    told_at(receiver)
    made(purpose=Purpose.MICRO_DEPOSIT, direction=Direction.CREDIT, cents=17)

    (message,) = told("payment")

    assert "amount" not in message["data"]


def test_a_step_that_is_nobodys_business_is_not_told(receiver):
    told_at(receiver)
    move(made(), PaymentStatus.BATCHED)

    assert types("payment") == ["payment.created"]


def test_every_status_a_payment_ends_in_or_waits_in_has_a_name():
    own = {PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED, PaymentStatus.BATCHED}

    assert not set(PaymentStatus) - own - set(NAMES[PAYMENT])
