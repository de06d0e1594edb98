"""What can still be stopped, until when, and what a decision about a plan or permission stops."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from housing_ach.mandates.models import Autopay, Mandate
from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.mandates.states import Roll
from housing_ach.payments.models import Payment, PaymentQuerySet
from housing_ach.payments.selectors.dates import cut_off_at
from housing_ach.payments.states import CANCELLABLE, IN_FLIGHT, Stop
from housing_ach.shared.business_days import new_york_date, roll_backward, roll_forward

# Entries of this attempt in a file: words of the batches, which know payments, not the other way round.
IN_A_FILE = ("FROZEN", "SENT", "ACCEPTED")


class CanCancel(NamedTuple):
    """`cut_off_at`: until then it can be stopped, or at that time its file was closed; UTC."""

    stop: Stop
    cut_off_at: datetime | None

    @property
    def ok(self) -> bool:
        return self.stop == Stop.OK


class Consequences(NamedTuple):
    """What a decision does: payments cancelled, payments that go all the same, debits left out."""

    cancels: tuple[Payment, ...]
    goes: tuple[Payment, ...]
    leaves_out: tuple[date, ...]


def files_of(payment_ids: Iterable[int]) -> dict[int, datetime]:
    """Payment to the cut-off of the file it stands in now."""
    found = Payment.objects.filter(pk__in=list(payment_ids), entries__status__in=IN_A_FILE)
    rows = found.order_by("entries__pk").values_list("pk", "entries__batch__file__cut_off_at")
    return {pk: closed_at for pk, closed_at in rows if closed_at}


def can_cancel(payment: Payment) -> CanCancel:
    return can_cancel_all([payment])[payment.pk]


def can_cancel_all(payments: Sequence[Payment]) -> dict[int, CanCancel]:
    """By payment, in one query; those the bank's windows tell the cut-off of have their fund's company
    and profile with windows loaded (`history` does).
    """
    files = files_of(payment.pk for payment in payments)
    return {payment.pk: _can_cancel(payment, files.get(payment.pk)) for payment in payments}


def revoking(mandate: Mandate, *, at: datetime) -> Consequences:
    """Taking the permission back ends its plans too."""
    on = new_york_date(at)
    plans = mandate.autopays.filter(ends_on=None).select_related("mandate")
    days = {day for plan in plans for day in upcoming_debit_days(plan, on, 1)}
    return _consequences(Payment.objects.filter(mandate=mandate), sorted(days))


def skipping(autopay: Autopay, *, count: int = 1, at: datetime) -> Consequences:
    """Leaving out the next debits that can still be stopped."""
    on = new_york_date(at)
    gone = _gone(autopay)
    days = [day for day in upcoming_debit_days(autopay, on, count + len(gone)) if day not in gone]
    return _of_days(autopay, days[:count])


def pausing(autopay: Autopay, *, starts_on: date, ends_on: date, at: datetime) -> Consequences:
    first = max(starts_on, new_york_date(at))
    months = max(0, (ends_on - first).days) // 28 + 2
    days = upcoming_debit_days(autopay, first, months)
    return _of_days(autopay, [day for day in days if day <= ends_on])


def changing(autopay: Autopay) -> Consequences:
    """A change is for debits to come: what was made goes as it is."""
    under_way = _loaded(Payment.objects.filter(order__autopay=autopay).in_flight())
    return Consequences((), tuple(under_way), ())


def debit_day_of(payment: Payment) -> date:
    """The banking day its plan named, whenever it is sent."""
    backward = payment.mandate is not None and payment.mandate.roll == Roll.BACKWARD
    return (roll_backward if backward else roll_forward)(payment.requested_on)


def _gone(autopay: Autopay) -> set[date]:
    """Debit days whose payments were made and cannot be stopped, or were stopped before."""
    made = list(_loaded(Payment.objects.filter(order__autopay=autopay).order_by("-pk")[:12]))
    can = can_cancel_all(made)
    return {debit_day_of(row) for row in made} - {
        debit_day_of(row) for row in made if can[row.pk].ok
    }


def _of_days(autopay: Autopay, days: Sequence[date]) -> Consequences:
    rows = _loaded(Payment.objects.filter(order__autopay=autopay).in_flight())
    ids = [row.pk for row in rows if debit_day_of(row) in days]
    return _consequences(Payment.objects.filter(pk__in=ids), days)


def _consequences(payments: PaymentQuerySet, days: Sequence[date]) -> Consequences:
    rows = list(_loaded(payments.filter(status__in=IN_FLIGHT)))
    can = can_cancel_all(rows)
    return Consequences(
        tuple(row for row in rows if can[row.pk].ok),
        tuple(row for row in rows if not can[row.pk].ok),
        tuple(days),
    )


def _loaded(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    found = payments.select_related("mandate", "bank_account", "order", "fund__company__profile")
    return found.prefetch_related("fund__company__profile__windows")


def _can_cancel(payment: Payment, closed_at: datetime | None) -> CanCancel:
    if payment.status in CANCELLABLE and closed_at is None:
        return CanCancel(Stop.OK, cut_off_at(payment, payment.fund.company.profile))
    if payment.status in IN_FLIGHT:
        return CanCancel(Stop.WITH_BANK, closed_at)
    return CanCancel(Stop.OVER, closed_at)
