"""Leaving out debits of a plan, with those made already that can still be stopped."""

from datetime import date, datetime

from django.db import transaction

from housing_ach.audit.move import move_all
from housing_ach.mandates.models import Autopay
from housing_ach.mandates.services import BadPlan, pause_autopay
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import Consequences, pausing, skipping
from housing_ach.payments.services.decisions import resolve_cases
from housing_ach.payments.services.locking import lock_leases
from housing_ach.payments.states import CANCELLABLE, PaymentStatus
from housing_ach.users.models import User

SKIPPED = "skipped"


@transaction.atomic
def skip_debits(autopay: Autopay, *, count: int = 1, by: User, at: datetime) -> Consequences:
    """Leave out the next debits that can still be stopped, and cancel what was made for them.

    Of a debit with the bank nothing is left out: the one after it is the next. Raises BadPlan.
    """
    _lock(autopay)
    told = skipping(autopay, count=count, at=at)
    days = told.leaves_out
    if count < 1 or len(days) < count:
        raise BadPlan(f"count: the plan has {len(days)} debits to skip", field="count")
    for day in days:
        pause_autopay(autopay, starts_on=day, ends_on=day, reason=SKIPPED)
    return _cancel(told, by=by, reason=SKIPPED, at=at)


@transaction.atomic
def pause_debits(
    autopay: Autopay, *, starts_on: date, ends_on: date, by: User, at: datetime, reason: str = ""
) -> Consequences:
    """No debit on these days, both included; what was made for them is cancelled where it can be.

    Raises BadPlan.
    """
    _lock(autopay)
    told = pausing(autopay, starts_on=starts_on, ends_on=ends_on, at=at)
    pause_autopay(autopay, starts_on=starts_on, ends_on=ends_on, reason=reason)
    return _cancel(told, by=by, reason=reason or "paused", at=at)


def _lock(autopay: Autopay) -> None:
    """A run that is under way makes its debits first, or sees what is left out."""
    made = Payment.objects.filter(order__autopay=autopay, status__in=CANCELLABLE)
    list(made.select_for_update(of=("self",)).order_by("pk"))
    lock_leases([autopay.lease_id])


def _cancel(told: Consequences, *, by: User, reason: str, at: datetime) -> Consequences:
    """What was frozen meanwhile goes: its batch holds it."""
    ids = [payment.pk for payment in told.cancels]
    done = move_all(
        Payment, PaymentStatus.CANCELLED, ids=ids, from_=CANCELLABLE, data={"reason": reason}
    )
    resolve_cases(done, by=by, resolution=f"Cancelled: {reason}", at=at)
    late = tuple(payment for payment in told.cancels if payment.pk not in done)
    stopped = tuple(payment for payment in told.cancels if payment.pk in done)
    return Consequences(stopped, told.goes + late, told.leaves_out)
