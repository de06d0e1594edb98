from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from housing_ach.api.shown.base import day, instant
from housing_ach.payments.selectors import Due, Standing, open_shares_of
from housing_ach.tenants.models import Charge, Lease


def charges() -> QuerySet[Charge]:
    return Charge.objects.select_related("lease").prefetch_related("shares__tenant")


def charges_of(rows: Iterable[Charge]) -> list[dict[str, Any]]:
    """Without memos: staff write them for people."""
    found = list(rows)
    still_open: dict[int, int] = {}
    for shares in open_shares_of({row.lease_id for row in found}).values():
        for share in shares:
            still_open[share.charge_id] = still_open.get(share.charge_id, 0) + share.open_cents
    return [_charge(row, still_open.get(row.pk, 0)) for row in found]


def _charge(row: Charge, open_cents: int) -> dict[str, Any]:
    return {
        "object": "charge",
        "id": str(row.pk),
        "livemode": settings.LIVE_MODE,
        "external_id": row.external_id or None,
        "lease": row.lease.external_id,
        "kind": row.kind.lower(),
        "amount": row.cents,
        "open_amount": open_cents,
        "currency": "USD",
        "due_on": day(row.due_on),
        "created_at": instant(row.raised_at),
        "shares": [
            {"tenant": share.tenant.external_id, "amount": share.cents}
            for share in sorted(row.shares.all(), key=lambda share: share.pk)
        ],
    }


def balance_of(lease: Lease, payers: Sequence[Standing]) -> dict[str, Any]:
    """Of the lease, and of each who pays for it."""
    dues = [row.due for row in payers if row.due]
    first = min((due.on for due in dues), default=None)
    together = Due(first, sum(due.cents for due in dues if due.on == first)) if first else None
    return {
        "object": "balance",
        "id": lease.external_id,
        "livemode": settings.LIVE_MODE,
        "lease": lease.external_id,
        "currency": "USD",
        "open_amount": sum(row.open_cents for row in payers),
        "in_flight_amount": sum(row.in_flight_cents for row in payers),
        "prepaid_amount": sum(row.ahead_cents for row in payers),
        "next_due": _due(together),
        "payers": [
            {
                "tenant": row.tenant.external_id,
                "open_amount": row.open_cents,
                "in_flight_amount": row.in_flight_cents,
                "prepaid_amount": row.ahead_cents,
                "next_due": _due(row.due),
            }
            for row in payers
        ],
    }


def _due(due: Due | None) -> dict[str, Any] | None:
    return {"on": day(due.on), "amount": due.cents} if due else None
