from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum

from housing_ach.api.shown.base import day, instant
from housing_ach.batches.models import Entry
from housing_ach.batches.states import PUBLISHED_ENTRY
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors import dates_of
from housing_ach.payments.states import OrderKind, Purpose, public
from housing_ach.returns.models import Return
from housing_ach.returns.plain_words import plain_words
from housing_ach.returns.states import ReturnKind


def order_of(order: Order) -> dict[str, Any]:
    return {
        "object": "order",
        "id": str(order.pk),
        "livemode": settings.LIVE_MODE,
        "external_id": order.external_id or None,
        "kind": order.kind.lower(),
        "amount": None if order.kind == OrderKind.MICRO_DEPOSIT else order.cents,
        "currency": "USD",
        "tenant": order.tenant.external_id,
        "lease": order.lease.external_id,
        "created_at": instant(order.made_at),
        "totals": _totals(order),
    }


def _totals(order: Order) -> list[dict[str, Any]]:
    """Of its payments, by status. The cents of micro-deposits are for the account's holder alone."""
    hidden = order.kind == OrderKind.MICRO_DEPOSIT
    sums: dict[str, list[int]] = {}
    found = order.payments.values_list("status").annotate(count=Count("pk"), cents=Sum("cents"))
    for status, count, cents in found.order_by("status"):
        total = sums.setdefault(public(status), [0, 0])
        total[0] += count
        total[1] += cents
    return [
        {"status": name, "count": count, "amount": None if hidden else cents}
        for name, (count, cents) in sums.items()
    ]


def payments_of(payments: Iterable[Payment]) -> list[dict[str, Any]]:
    rows = list(payments)
    ids = [row.pk for row in rows]
    entries = {
        entry.payment_id: entry
        for entry in Entry.objects.filter(payment__in=ids, status__in=PUBLISHED_ENTRY)
        .select_related("batch__file")
        .order_by("pk")
    }
    returns = {
        row.entry.payment_id: row
        for row in Return.objects.filter(entry__payment__in=ids, kind=ReturnKind.RETURN)
        .select_related("entry")
        .order_by("pk")
        if row.entry
    }
    return [_payment(row, entries.get(row.pk), returns.get(row.pk)) for row in rows]


def _payment(payment: Payment, entry: Entry | None, came_back: Return | None) -> dict[str, Any]:
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


def _return(row: Return) -> dict[str, Any]:
    """The last one; a payment planned again afterwards keeps it."""
    return {
        "code": row.code,
        "reason": str(plain_words(row.code).title),
        "banking_on": day(row.banking_on),
        "trace": row.return_trace,
    }
