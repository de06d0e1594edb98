"""Another attempt at a returned payment (Nacha 2.12.4: reinitiation)."""

from datetime import date, datetime, timedelta

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.mandates.services import require_active
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import lacking_cents
from housing_ach.payments.services.locking import lock_leases
from housing_ach.payments.services.refusals import NotRetriable
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal

MOST = 2
WITHIN = timedelta(days=180)


@transaction.atomic
def plan_retry(payment: Payment, *, effective_on: date, at: datetime) -> None:
    """Schedule the same amount again. It is in flight from now on, never reduced, never split.

    Raises NotRetriable, MandateInactive, AccountNotOpen or NotVerified. `first_settled_on` of a
    payment returned before it settled becomes the day it was to settle: the 180 days run from it.
    """
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    lock_leases([locked.lease_id])
    first_on = locked.first_settled_on or locked.effective_on
    if problem := _problem(locked, first_on, effective_on):
        raise NotRetriable(f"payment: #{locked.pk} {problem}", field="payment", ids=[locked.pk])
    if locked.mandate:
        require_active(locked.mandate)
    move(
        locked,
        PaymentStatus.SCHEDULED,
        retries=locked.retries + 1,
        effective_on=effective_on,
        first_settled_on=first_on,
    )
    payment.refresh_from_db()


def can_be_retried(payment: Payment) -> bool:
    """Whether `plan_retry` would take it for a day that is soon enough."""
    first_on = payment.first_settled_on or payment.effective_on
    if _problem(payment, first_on, first_on):
        return False
    try:
        if payment.mandate:
            require_active(payment.mandate)
    except Refusal:
        return False
    return True


def _problem(payment: Payment, first_on: date, effective_on: date) -> str:
    if payment.status != PaymentStatus.RETURNED:
        return f"is {payment.status}, not returned"
    if payment.purpose == Purpose.PRENOTE or payment.direction == Direction.CREDIT:
        return "is a prenote or a credit"
    if payment.retries >= MOST:
        return f"was tried again {payment.retries} times"
    if effective_on > first_on + WITHIN:
        return f"was first tried on {first_on}, more than {WITHIN.days} days before {effective_on}"
    if lacking := lacking_cents([payment.pk]).get(payment.pk):
        return f"lacks {dollars(lacking)} of the charges it was for"
    return ""
