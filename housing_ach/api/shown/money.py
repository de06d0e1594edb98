from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Coalesce

from housing_ach.api.shown.base import day, instant
from housing_ach.batches.models import Entry
from housing_ach.batches.states import PUBLISHED_ENTRY
from housing_ach.payments.models import Order, Payment, Submission
from housing_ach.payments.selectors import dates_of
from housing_ach.payments.states import OrderKind, Purpose, public
from housing_ach.returns.models import Return
from housing_ach.returns.plain_words import plain_words
from housing_ach.returns.states import ReturnKind

Told = dict[str, Any]


def submission_of(submission: Submission) -> Told:
    return {
        "object": "submission",
        "id": str(submission.pk),
        "livemode": settings.LIVE_MODE,
        "external_id": submission.external_id or None,
        "source": submission.source.lower(),
        "created_at": instant(submission.made_at),
        "asked": {"count": submission.asked_count, "amount": submission.asked_cents},
        "currency": "USD",
        "totals": _totals(submission),
        "refused": submission.refused,
    }


def _totals(submission: Submission) -> list[Told]:
    """Of its payments, by status. Its orders came together, so that only what lies between is read."""
    edges = Order.objects.filter(submission=submission).aggregate(
        first=Coalesce(Min("pk"), 0), last=Coalesce(Max("pk"), 0)
    )
    found = Payment.objects.filter(
        order__submission=submission, order__gte=edges["first"], order__lte=edges["last"]
    )
    by_status = found.values_list("status").annotate(Count("pk"), Sum("cents"))
    sums: dict[str, list[int]] = {}
    for status, count, cents in by_status.order_by("status"):
        total = sums.setdefault(public(status), [0, 0])
        total[0] += count
        total[1] += cents
    return [
        {"status": name, "count": count, "amount": cents} for name, (count, cents) in sums.items()
    ]


def orders_of(orders: Iterable[Order]) -> list[Told]:
    """With their payments, in the same few queries however many there are."""
    orders = list(orders)
    payments = Payment.objects.filter(order__in=orders).order_by("pk")
    told: dict[int, list[Told]] = {}
    with_bank = payments.select_related("fund__company__profile").prefetch_related(
        "fund__company__profile__windows"
    )
    for payment, shown in _payments_of(with_bank):
        told.setdefault(payment.order_id, []).append(shown)
    return [_order(order, told.get(order.pk, [])) for order in orders]


def _order(order: Order, payments: list[Told]) -> Told:
    """The cents of micro-deposits are for the account's holder alone."""
    return {
        "object": "order",
        "id": str(order.pk),
        "livemode": settings.LIVE_MODE,
        "batch_id": str(order.submission_id) if order.submission_id else None,
        "external_id": order.external_id or None,
        "kind": order.kind.lower(),
        "amount": None if order.kind == OrderKind.MICRO_DEPOSIT else order.cents,
        "currency": "USD",
        "tenant": order.tenant.external_id,
        "lease": order.lease.external_id,
        "created_at": instant(order.made_at),
        "metadata": order.metadata,
        "payments": payments,
    }


def _payments_of(payments: Iterable[Payment]) -> list[tuple[Payment, Told]]:
    rows = list(payments)
    # What was never in a file has no entry that anybody is told of, and came back from nowhere.
    ids = [row.pk for row in rows if row.attempts]
    if not ids:
        return [(row, _payment(row, {}, {})) for row in rows]
    entries = {
        entry.payment_id: entry
        for entry in Entry.objects.filter(payment__in=ids, status__in=PUBLISHED_ENTRY)
        .select_related("batch__file")
        .defer("batch__file__masked")
        .order_by("pk")
    }
    returns = {
        row.entry.payment_id: row
        for row in Return.objects.filter(entry__payment__in=ids, kind=ReturnKind.RETURN)
        .select_related("entry")
        .order_by("pk")
        if row.entry
    }
    return [(row, _payment(row, entries, returns)) for row in rows]


def _payment(
    payment: Payment, entries: Mapping[int | None, Entry], returns: Mapping[int | None, Return]
) -> Told:
    entry, came_back = entries.get(payment.pk), returns.get(payment.pk)
    dates = dates_of(payment, payment.fund.company.profile)
    file = entry.batch.file if entry else None
    return {
        "object": "payment",
        "id": str(payment.pk),
        "livemode": settings.LIVE_MODE,
        "status": public(payment.status),
        "direction": payment.direction.lower(),
        "purpose": payment.purpose.lower(),
        "amount": None if payment.purpose == Purpose.MICRO_DEPOSIT else payment.cents,
        "currency": "USD",
        "expected": {
            "change_until": instant(dates.cut_off_at),
            "effective_on": day(dates.effective_on),
            "settles_on": day(dates.settles_on),
            "clears_on": day(dates.clears_on),
        },
        "attempts": payment.attempts,
        "retries": payment.retries,
        "trace": entry.trace if entry else None,
        "file": file.name if file else None,
        "settled_on": day(entry.settled_on) if entry else None,
        "return": _return(came_back) if came_back else None,
    }


def _return(row: Return) -> Told:
    """The last one; a payment planned again afterwards keeps it."""
    return {
        "code": row.code,
        "reason": str(plain_words(row.code).title),
        "banking_on": day(row.banking_on),
        "trace": row.return_trace,
    }
