"""Everything the books say about an entry (one transfer each, its reference made once)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from housing_ach.batches.models import Batch, Entry
from housing_ach.ledger.chart import (
    BANK,
    DISBURSEMENTS_IN_TRANSIT,
    IN_TRANSIT,
    PAYMENTS_PENDING,
    RETURNS_TO_BE_CHARGED,
    VERIFICATION_COST,
)
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.payments.states import Direction, Purpose

# What pays a credit, and has it back when the credit does not arrive.
PAID_FROM = {Purpose.MICRO_DEPOSIT: VERIFICATION_COST}


class Moved(NamedTuple):
    """An entry as the books see it."""

    entry_id: int
    cents: int
    tenant_id: int
    lease_id: int
    purpose: str


def moved(entries: QuerySet[Entry]) -> list[Moved]:
    """Prenotes move nothing and post nothing."""
    about = ("tenant_id", "lease_id", "purpose")
    rows = (
        entries.filter(cents__gt=0)
        .order_by("pk")
        .values_list("pk", "cents", *(f"payment__{name}" for name in about))
    )
    return [Moved(*row) for row in rows]


def in_transit(batch: Batch) -> Key:
    """Where a batch's money is between us and the bank, in either direction."""
    number = DISBURSEMENTS_IN_TRANSIT if _pays(batch) else IN_TRANSIT
    return Key(batch.fund_id, number, f"batch:{batch.pk}")


def to_be_charged(batch: Batch) -> Key:
    return Key(batch.fund_id, RETURNS_TO_BE_CHARGED, f"batch:{batch.pk}")


def sent(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    def sides(row: Moved) -> tuple[Key, Key]:
        if _pays(batch):
            return _paid_from(batch, row), in_transit(batch)
        return in_transit(batch), _pending(batch, row)

    return _drafts("ACH_SENT", batch, rows, on=on, step="sent", sides=sides)


def rejected(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    def sides(row: Moved) -> tuple[Key, Key]:
        if _pays(batch):
            return in_transit(batch), _paid_from(batch, row)
        return _pending(batch, row), in_transit(batch)

    return _drafts("ACH_REJECTED", batch, rows, on=on, step="rejected", sides=sides)


def returned(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    """A debit read before its settlement was posted (afterwards its payment is unwound instead).

    A credit whenever it comes back: its cents are in transit until the bank gives them back.
    """

    def sides(row: Moved) -> tuple[Key, Key]:
        if _pays(batch):
            return in_transit(batch), _paid_from(batch, row)
        return _pending(batch, row), to_be_charged(batch)

    return _drafts("ACH_RETURNED", batch, rows, on=on, step="returned", sides=sides)


def charged(batch: Batch, rows: Iterable[Moved], *, on: date) -> list[Draft]:
    """The bank takes back what a returned debit brought, or gives back what a returned credit cost."""
    bank = Key(batch.fund_id, BANK)
    kind = "RETURN_CREDITED" if _pays(batch) else "RETURN_CHARGED"
    sides = (bank, in_transit(batch)) if _pays(batch) else (to_be_charged(batch), bank)
    return _drafts(kind, batch, rows, on=on, step="charged", sides=lambda _: sides)


def settled(batch: Batch, *, cents: int, on: date) -> list[Draft]:
    """Gross: the whole batch, whatever came or will come back."""
    bank = Key(batch.fund_id, BANK)
    sides = (in_transit(batch), bank) if _pays(batch) else (bank, in_transit(batch))
    line = Line(*sides, cents, f"batch:{batch.pk}:settled")
    return [_draft("ACH_SETTLED", batch, [line], on=on)] if cents else []


def _pays(batch: Batch) -> bool:
    return batch.direction == Direction.CREDIT


def _pending(batch: Batch, row: Moved) -> Key:
    return Key(batch.fund_id, PAYMENTS_PENDING, f"tenant:{row.tenant_id}", row.lease_id)


def _paid_from(batch: Batch, row: Moved) -> Key:
    return Key(batch.fund_id, PAID_FROM[Purpose(row.purpose)])


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
