"""What became of a program's settlement file."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from housing_ach.api.shown.base import day, instant
from housing_ach.reconciliation.models import FATES, Line, Reconciliation
from housing_ach.reconciliation.states import NamedBy

Told = dict[str, Any]


def reconciliation_of(row: Reconciliation) -> Told:
    return {
        "object": "reconciliation",
        "id": str(row.pk),
        "livemode": settings.LIVE_MODE,
        "status": row.status.lower(),
        "format": row.form.lower(),
        "sha256": row.sha256,
        "size": row.size,
        "created_at": instant(row.made_at),
        "finished_at": instant(row.finished_at),
        "currency": "USD",
        "totals": {
            "lines": row.line_count,
            "amount": row.cents,
            **{fate: getattr(row, fate) for fate in FATES},
        },
        "error_count": row.error_count,
        "errors": row.errors,
    }


def lines(row: Reconciliation) -> QuerySet[Line]:
    return row.lines.select_related("entry", "payment__order")


def lines_of(rows: Iterable[Line]) -> list[Told]:
    return [_line(row) for row in rows]


def _line(row: Line) -> Told:
    """Names as the line has them, else those of what it is about."""
    named = {row.named_by: row.name}
    order = row.payment.order if row.payment else None
    return {
        "line": row.number,
        "fate": row.fate.lower(),
        "message": row.message,
        "trace": named.get(NamedBy.TRACE) or (row.entry.trace if row.entry else None),
        "payment": named.get(NamedBy.PAYMENT) or (str(row.payment_id) if row.payment_id else None),
        "order": str(order.pk) if order else None,
        "external_id": named.get(NamedBy.EXTERNAL_ID) or (order and order.external_id) or None,
        "amount": row.cents,
        "status": row.said.lower(),
        "code": row.code or None,
        "on": day(row.on),
        "case": str(row.case_id) if row.case_id else None,
    }
