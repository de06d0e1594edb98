"""What happened is told once, to whom it concerns, whoever reads how often and beside whom."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from housing_ach.audit.move import move
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.services import (
    add_bank_account,
    correct_account,
    end_autopay,
    fail_verification,
    mark_verified,
    pause_autopay,
    resume_autopay,
    set_up_autopay,
)
from housing_ach.mandates.states import AccountType, AutopayMode, VerificationMethod
from housing_ach.notices.models import Message
from housing_ach.notices.services import permissions
from housing_ach.notices.states import Kind
from housing_ach.payments.services import cancel, pay_now, revoke_mandate
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.services import confirm_micro_deposits
from tests.factories import AT, AutopayFactory, BankAccountFactory, PaymentFactory, UserFactory
from tests.notices.letters import APRIL, WEEK, forget, plan, plan_events, renting, told, upcoming
from tests.payments.story import owe, settle
from tests.payments.test_parallel import together
from tests.payouts.story import amounts, arrived


@pytest.fixture(autouse=True)
def events(committed_db):
    """Only what is committed is final, so that nothing here is rolled back."""


def pay(mandate, cents=1000_00):
    return pay_now(
        tenant=mandate.tenant,
        lease=mandate.lease,
        mandate=mandate,
        by=UserFactory(),
        at=AT,
        cents=cents,
        requested_on=AT.date(),
    )


def test_a_signed_authorization_is_sent_with_its_words():
    mandate = renting()

    (copy,) = told(Kind.MANDATE_COPY)

    assert (copy.recipient, copy.tenant) == ("ada@example.org", mandate.tenant)
    assert "1. What you agree to." in copy.body
    assert f"/authorizations/{mandate.pk}.pdf" in copy.body


def test_a_permission_for_one_payment_needs_no_copy():
    renting(recurring=False)

    assert told(Kind.MANDATE_COPY) == []


def test_who_asks_for_a_payment_gets_a_receipt_that_says_pending():
    mandate = renting()
    owe(mandate.lease)
    forget()

    order = pay(mandate)

    (receipt,) = told(Kind.RECEIPT)
    assert "pending" in receipt.body
    assert (receipt.subject, receipt.subject_id) == (
        "payments.payment",
        str(order.payments.get().pk),
    )


def test_autopay_that_was_made_gets_none_before_it_is_paid():
    payment = PaymentFactory(
        mandate=renting(),
        order__kind="AUTOPAY",
        order__autopay=AutopayFactory(),
        order__period_on=APRIL,
    )
    tell_made([payment.pk])
    assert told(Kind.RECEIPT) == []

    settle(payment)

    (receipt,) = told(Kind.RECEIPT)
    assert receipt.title == "We received your payment of $1,000.00"


def test_two_debits_of_one_order_are_one_receipt():
    mandate = renting()
    first = PaymentFactory(mandate=mandate, cents=700_00)
    fund = mandate.lease.unit.property.deposit_fund
    second = PaymentFactory(mandate=mandate, order=first.order, fund=fund, cents=300_00)
    settle(first)
    assert told(Kind.RECEIPT) == []

    settle(second)

    (receipt,) = told(Kind.RECEIPT)
    assert "$1,000.00" in receipt.title


def test_a_canceled_payment_is_told():
    mandate = renting()
    owe(mandate.lease)
    payment = pay(mandate).payments.get()
    cancel(payment, by=UserFactory(), reason="changed my mind", at=AT)

    (message,) = told(Kind.PAYMENT_CANCELLED)

    assert "$1,000.00" in message.title
    assert "changed my mind" not in message.body


def test_a_plan_is_told_when_it_begins_rests_and_ends():
    mandate = renting()
    plan = set_up_autopay(
        mandate=mandate, mode=AutopayMode.FULL_BALANCE, day_of_month=1, starts_on=APRIL
    )
    pause_autopay(plan, starts_on=APRIL, ends_on=APRIL + timedelta(days=40))
    resume_autopay(plan, from_on=APRIL + timedelta(days=20))
    end_autopay(plan, on=APRIL)

    titles = [message.title for message in told(Kind.AUTOPAY)]

    assert titles == [
        "Automatic payments are set up",
        "Your automatic payments are paused",
        "Your automatic payments go on",
        "Your automatic payments have ended",
    ]


def test_a_permission_taken_back_is_told_once_with_its_plan():
    plan = AutopayFactory(mandate=renting())
    forget()

    revoke_mandate(plan.mandate, by=UserFactory(), reason="moving out", at=AT)

    (message,) = [row for row in told(Kind.AUTOPAY) if row.status == "QUEUED"]
    assert message.title == "Your permission is taken back"


def test_a_verified_and_a_refused_account_are_told():
    account = renting(bank_account__unverified=True).bank_account
    mark_verified(account, method=VerificationMethod.MANUAL, on=AT.date())
    fail_verification(account, "returned")

    titles = [message.title for message in told(Kind.VERIFICATION)]

    assert titles == ["Your bank account is verified", "We could not verify your bank account"]


def test_micro_deposits_are_told_without_their_amounts():
    mandate = renting(bank_account__unverified=True)
    deposits = arrived(mandate)
    confirm_micro_deposits(
        bank_account=mandate.bank_account, cents=amounts(deposits), by=UserFactory(), at=AT
    )

    messages = told(Kind.VERIFICATION)

    assert len(messages) == 3
    assert not [row for row in messages if re.search(r"\b0?\.\d\d\b|\bcents\b", row.body)]


def test_a_new_account_is_told_to_the_old_address_as_well():
    tenant = renting(email="old@example.org").tenant
    forget()
    tenant.email = "new@example.org"
    tenant.save()

    BankAccountFactory(tenant=tenant)

    fresh = [row for row in told(Kind.BANK_CHANGED) if row.status == "QUEUED"]
    assert {row.recipient for row in fresh} == {"old@example.org", "new@example.org"}


def test_no_message_tells_a_number_of_an_account():
    mandate = renting()
    account = add_bank_account(
        tenant=mandate.tenant,
        holder_name="Ada Lovelace",
        routing="111000025",
        account_number="990012345678",
        account_type=AccountType.CHECKING,
        at=AT,
    )
    set_up_autopay(
        mandate=renting(tenant=mandate.tenant, lease=mandate.lease, bank_account=account),
        mode=AutopayMode.FULL_BALANCE,
        day_of_month=1,
        starts_on=APRIL,
    )

    shown = " ".join(row.title + row.body + row.html for row in told())

    assert "ending in 5678" in shown
    assert not re.search(r"345678|111000025|11100002", shown)


def test_what_the_bank_corrected_is_told(monkeypatch):
    account = renting().bank_account
    monkeypatch.setattr(
        "housing_ach.mandates.services.accounts.open_number", lambda _row: "0006789"
    )
    correct_account(account, reason="C02", at=AT, routing="021000021")

    message = told(Kind.BANK_CHANGED)[-1]

    assert message.title == "Your bank changed the details of your account"


def test_nothing_is_told_twice():
    renting()
    before = len(told())

    assert len(told()) == before > 0


def test_two_readers_at_once_tell_it_once():
    for number in range(3):
        renting(email=f"ada{number}@example.org")

    together(*[plan_events] * 2)

    assert Message.objects.filter(kind=Kind.MANDATE_COPY).count() == 3


def test_two_reminders_at_once_are_one():
    for number in range(3):
        plan(email=f"ada{number}@example.org")

    together(*[lambda: upcoming(WEEK)] * 2)

    assert Message.objects.filter(kind=Kind.UPCOMING_DEBIT).count() == 3


def test_a_transaction_that_ends_late_is_still_read(events, committed_db):
    with committed_db.connect("worker", autocommit=False) as slow:
        early = renting(email="early@example.org").tenant
        (going,) = slow.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        late = renting(email="late@example.org").tenant
        assert {row.tenant for row in told(Kind.MANDATE_COPY, last=going - 1)} == {early}
        slow.rollback()

    assert {row.tenant for row in told(Kind.MANDATE_COPY)} == {early, late}


def test_many_events_are_read_in_parts(monkeypatch):
    monkeypatch.setattr("housing_ach.notices.services.events.AT_ONCE", 2)
    for number in range(4):
        renting(email=f"ada{number}@example.org")

    assert len(told(Kind.MANDATE_COPY)) == 4


def test_an_event_nobody_understands_keeps_no_other_from_being_told(monkeypatch):
    renting(email="one@example.org")
    odd = renting(email="two@example.org")
    real = permissions._copy

    def copy(mandate, event):
        if mandate.pk == odd.pk:
            raise LookupError("no such template")
        return real(mandate, event)

    monkeypatch.setattr(permissions, "_copy", copy)

    assert [row.recipient for row in told(Kind.MANDATE_COPY)] == ["one@example.org"]
    case = Case.objects.get(kind=CaseKind.NOTICE_NOT_SENT)
    assert (case.subject, case.subject_id) == ("mandates.mandate", str(odd.pk))


def test_who_must_be_told_and_has_no_address_is_a_case():
    mandate = renting(email="")

    assert told() == []
    case = Case.objects.get(kind=CaseKind.NOTICE_NOT_SENT)
    assert (case.subject, case.subject_id) == ("tenants.tenant", str(mandate.tenant.pk))


def test_the_web_process_reads_and_writes_messages(committed_db):
    renting()
    with committed_db.acting_as("app"):
        told()
    connection.close()

    assert Message.objects.exists()


def test_a_payment_sent_twice_around_is_paid_once_for_each_time():
    payment = PaymentFactory(mandate=renting())
    settle(payment)
    told()
    move(payment, PaymentStatus.RETURNED)
    move(payment, PaymentStatus.SCHEDULED, retries=1)
    settle(payment)

    assert len(told(Kind.RECEIPT)) == 2
