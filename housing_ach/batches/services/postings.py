"""Everything the books say about an entry (one transfer each, its reference made once)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from housing_ach.batches.models import Batch, Entry
from housing_ach.ledger.chart import BANK, IN_TRANSIT, PAYMENTS_PENDING, RETURNS_TO_BE_CHARGED
from housing_ach.ledger.drafts import Draft, Key, Line


class Moved(NamedTuple):
    """An entry as the books see it."""

    entry_id: int
    cents: int
    tenant_id: int
    lease_id: int


def moved(entries: QuerySet[Entry]) -> list[Moved]:
    """Prenotes move nothing and post nothing."""
    rows = (
        entries.filter(cents__gt=0)
        .order_by("pk")
        .values_list("pk", "cents", "payment__tenant_id", "payment__lease_id")
    )
    return [Moved(*row) for row in rows]


def in_transit(batch: Batch) -> Key:
    return Key(batch.fund_id, IN_TRANSIT, f"batch:{batch.pk}")


def to_be_charged(batch: Batch) -> Key:
    return Key(batch.fund_id, RETURNS_TO_BE_CHARGED, f"batch:{batch.pk}")


def sent(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    return _drafts(
        "ACH_SENT",
        batch,
        rows,
        on=on,
        step="sent",
        sides=lambda row: (in_transit(batch), _pending(batch, row)),
    )


def rejected(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    return _drafts(
        "ACH_REJECTED",
        batch,
        rows,
        on=on,
        step="rejected",
        sides=lambda row: (_pending(batch, row), in_transit(batch)),
    )


def returned(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    """Read before its settlement was posted; afterwards the payment is unwound instead."""
    return _drafts(
        "ACH_RETURNED",
        batch,
        rows,
        on=on,
        step="returned",
        sides=lambda row: (_pending(batch, row), to_be_charged(batch)),
    )


def charged(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    bank = Key(batch.fund_id, BANK)
    return _drafts(
        "RETURN_CHARGED",
        batch,
        rows,
        on=on,
        step="charged",
        sides=lambda row: (to_be_charged(batch), bank),
    )


def settled(batch: Batch, *, cents: int, on: date) -> list[Draft]:
    """Gross: the whole batch, whatever came or will come back."""
    line = Line(Key(batch.fund_id, BANK), in_transit(batch), cents, f"batch:{batch.pk}:settled")
    return [_draft("ACH_SETTLED", batch, [line], on=on)] if cents else []


def _pending(batch: Batch, row: Moved) -> Key:
    return Key(batch.fund_id, PAYMENTS_PENDING, f"tenant:{row.tenant_id}", row.lease_id)


def _drafts(
    kind: str,
    batch: Batch,
    rows: Iterable[Moved],
    *,
    on: date,
    step: str,
    sides: Callable[[Moved], tuple[Key, Key]],
) -> list[Draft]:
    lines = [Line(*sides(row), row.cents, f"entry:{row.entry_id}:{step}") for row in rows]
    return [_draft(kind, batch, lines, on=on)] if lines else []


def _draft(kind: str, batch: Batch, lines: Sequence[Line], *, on: date) -> Draft:
    subject = Batch._meta.label_lower
    return Draft(kind, batch.fund_id, on, subject, batch.pk, lines, is_fact=True)
