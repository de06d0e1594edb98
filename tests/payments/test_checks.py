"""The second look at freeze, and another attempt after a return."""

from datetime import date, timedelta

import pytest

from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import MandateInactive
from housing_ach.mandates.states import AccountStatus, MandateStatus, VerificationStatus
from housing_ach.payments.models import Limit, Payment
from housing_ach.payments.services import (
    NotRetriable,
    check_still_payable,
    hold,
    plan_retry,
    release,
)
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from tests.factories import AT, MandateFactory, PaymentFactory, UserFactory
from tests.payments.story import DAY, aim, give_back, owe, settle

pytestmark = pytest.mark.django_db

EFFECTIVE = date(2026, 3, 5)


def look(*payments):
    return check_still_payable([payment.pk for payment in payments], on=EFFECTIVE)


def aimed(cents=1000_00, **fields):
    """A scheduled payment of a charge of its own."""
    payment = PaymentFactory(cents=cents, **fields)
    aim(payment, *owe(payment.lease, cents))
    return payment


def test_nothing_is_wrong_with_a_payment_as_it_was_made():
    assert look(aimed(), aimed()) == {}


@pytest.mark.parametrize(
    ("model", "changes", "reason"),
    [
        (Mandate, {"status": MandateStatus.BLOCKED}, "mandate is BLOCKED"),
        (BankAccount, {"status": AccountStatus.CLOSED}, "bank account is CLOSED"),
        (BankAccount, {"verification": VerificationStatus.FAILED}, "bank account is FAILED"),
    ],
)
def test_a_permission_that_ended_stops_it(model, changes, reason):
    payment, other = aimed(), aimed()
    row = payment.mandate if model is Mandate else payment.bank_account
    model.objects.filter(pk=row.pk).update(**changes)

    assert look(payment, other) == {payment.pk: (CaseKind.MANDATE, reason)}


def test_a_prenote_goes_before_the_account_is_verified():
    mandate = MandateFactory(status=MandateStatus.PENDING_VERIFICATION)
    BankAccount.objects.update(verification=VerificationStatus.PENDING)
    prenote = PaymentFactory(mandate=mandate, purpose=Purpose.PRENOTE, cents=0)

    assert look(prenote) == {}


def test_a_payment_that_was_held_meanwhile_is_told():
    payment = aimed()
    hold([payment.pk], kind=CaseKind.HOLD, reason="odd", at=AT)

    assert look(payment) == {payment.pk: (CaseKind.HOLD, "payment is HELD")}


def test_a_charge_paid_otherwise_stops_it():
    payment = aimed()
    settle(PaymentFactory(mandate=payment.mandate, cents=400_00))

    reason = "400.00 of its charges are paid or being paid otherwise"
    assert look(payment) == {payment.pk: (CaseKind.DUPLICATE, reason)}


def test_of_two_payments_for_a_charge_the_first_goes():
    first = aimed()
    second = PaymentFactory(mandate=first.mandate)
    aim(second, *(target.share for target in first.targets.all()))

    assert list(look(first, second)) == [second.pk]


def limit(payment, **fields):
    Limit.objects.create(company=payment.fund.company, direction=Direction.DEBIT, **fields)


def test_a_lowered_limit_stops_it():
    payment = aimed()
    limit(payment, per_payment_cents=999_99)

    assert look(payment) == {payment.pk: (CaseKind.LIMIT, "over the limit a payment")}


def test_the_days_limit_counts_what_is_sent_and_lets_the_first_go():
    first = aimed(600_00)
    second, third = (aimed(600_00, mandate=MandateFactory(lease=first.lease)) for _ in range(2))
    Payment.objects.filter(pk=third.pk).update(status=PaymentStatus.SENT)
    limit(first, per_day_cents=1200_00)

    assert look(first, second) == {second.pk: (CaseKind.LIMIT, "over the limit a day")}


def test_what_is_looked_at_again_counts_once_a_day():
    payment = aimed(status=PaymentStatus.BATCHED)
    limit(payment, per_day_cents=1000_00)

    assert look(payment) == {}


def test_a_limit_does_not_stop_what_a_person_released():
    payment = aimed()
    limit(payment, per_payment_cents=999_99)
    hold([payment.pk], kind=CaseKind.LIMIT, reason="big", at=AT)
    payment.refresh_from_db()
    release(payment, by=UserFactory(), reason="seen", at=AT)

    assert look(payment) == {}


def returned(**fields):
    payment = aimed(**fields)
    settle(payment)
    give_back(payment)
    return payment


def retry(payment, on=date(2026, 3, 6)):
    plan_retry(payment, effective_on=on, at=AT)


def test_a_retry_is_the_same_payment_again():
    payment = returned()

    retry(payment)

    assert (payment.status, payment.retries) == (PaymentStatus.SCHEDULED, 1)
    assert payment.effective_on == date(2026, 3, 6)
    assert look(payment) == {}


def test_a_third_retry_is_refused():
    payment = returned()
    for _ in range(2):
        retry(payment)
        settle(payment)
        give_back(payment)

    with pytest.raises(NotRetriable, match="tried again 2 times"):
        retry(payment)


@pytest.mark.parametrize(("days", "fits"), [(180, True), (181, False)])
def test_retries_end_180_days_after_the_first_settlement(days, fits):
    payment = returned()
    on = DAY + timedelta(days=days)

    if fits:
        retry(payment, on)
        assert payment.retries == 1
    else:
        with pytest.raises(NotRetriable, match="more than 180 days"):
            retry(payment, on)


@pytest.mark.parametrize(("days", "stopped"), [(180, {}), (181, {"HOLD"})])
def test_a_retry_that_waited_too_long_does_not_go(days, stopped):
    payment = returned()
    retry(payment)

    found = check_still_payable([payment.pk], on=DAY + timedelta(days=days))

    assert {kind for kind, _ in found.values()} == set(stopped)


def test_the_days_count_from_the_planned_date_where_it_never_settled():
    payment = aimed()
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.RETURNED)

    retry(payment)

    assert payment.first_settled_on == EFFECTIVE


def test_a_retry_is_never_reduced():
    payment = returned()
    settle(PaymentFactory(mandate=payment.mandate, cents=1_00))

    with pytest.raises(NotRetriable, match=r"lacks 1\.00"):
        retry(payment)

    payment.refresh_from_db()
    assert (payment.status, payment.retries) == (PaymentStatus.RETURNED, 0)


def test_a_payment_that_is_not_returned_is_not_retried():
    with pytest.raises(NotRetriable, match="is SCHEDULED"):
        retry(aimed())


def test_a_prenote_is_not_retried():
    prenote = PaymentFactory(purpose=Purpose.PRENOTE, cents=0, status=PaymentStatus.RETURNED)

    with pytest.raises(NotRetriable, match="is a prenote or a credit"):
        retry(prenote)


def test_a_blocked_mandate_is_not_retried():
    payment = returned()
    Mandate.objects.update(status=MandateStatus.BLOCKED)

    with pytest.raises(MandateInactive):
        retry(payment)
