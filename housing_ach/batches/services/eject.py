"""Out of its batch: one entry is stopped and never the rest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from housing_ach.audit.move import move_all
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.selectors import contents
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.states import CaseKind
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.problems import Refusal


class NotPlanned(Refusal):
    """The entry is frozen, sent or out of its batch already."""


def eject(entry: Entry, *, reason: str, at: datetime) -> None:
    """Take one planned entry out of its batch and hold its payment; raises NotPlanned."""
    if not eject_all({entry.pk: (CaseKind.ENTRY_EJECTED, reason)}, at=at):
        raise NotPlanned(f"entry {entry}: is not planned any more", field="status", ids=[entry.pk])
    entry.refresh_from_db()


@transaction.atomic
def eject_all(refused: Mapping[int, tuple[CaseKind, str]], *, at: datetime) -> list[int]:
    """Planned entries out of their batches, and their payments HELD with a Case.

    A payment that was held or cancelled meanwhile stays what it became. Returns the entries that went.
    """
    _lock_batches(list(refused))
    ejected: list[int] = []
    for (kind, reason), ids in by_reason(refused).items():
        moved = move_all(Entry, EntryStatus.EJECTED, ids=ids, reason=reason[:300])
        hold(_batched(moved), kind=kind, reason=reason, at=at)
        ejected += moved
    _recount(ejected)
    return ejected


@transaction.atomic
def replan(entry_ids: Sequence[int], *, reason: str) -> list[int]:
    """Planned entries out of their batches, their payments SCHEDULED again: the next build takes them.

    Nobody decides anything: their account was corrected. Returns the entries that went.
    """
    _lock_batches(entry_ids)
    moved = move_all(Entry, EntryStatus.EJECTED, ids=entry_ids, reason=reason[:300])
    move_all(Payment, PaymentStatus.SCHEDULED, ids=_batched(moved), from_=PaymentStatus.BATCHED)
    _recount(moved)
    return moved


def _lock_batches(entry_ids: Sequence[int]) -> None:
    """Files and batches before entries, entries before payments: as everywhere."""
    batches = Entry.objects.filter(pk__in=entry_ids).order_by().values("batch_id")
    list(Batch.objects.select_for_update().filter(pk__in=batches).order_by("pk"))


def _batched(entry_ids: Sequence[int]) -> list[int]:
    payments = Payment.objects.filter(entries__in=entry_ids, status=PaymentStatus.BATCHED)
    return sorted(payments.values_list("pk", flat=True))


def _recount(entry_ids: list[int]) -> None:
    batches = list(Batch.objects.filter(entries__in=entry_ids).distinct().order_by("pk"))
    found = contents([batch.pk for batch in batches])
    for batch in batches:
        batch.entry_count, batch.cents = found[batch.pk][:2]
    Batch.objects.bulk_update(batches, ["entry_count", "cents"])


def by_reason(
    refused: Mapping[int, tuple[CaseKind, str]],
) -> dict[tuple[CaseKind, str], list[int]]:
    grouped: defaultdict[tuple[CaseKind, str], list[int]] = defaultdict(list)
    for pk in sorted(refused):
        grouped[refused[pk]].append(pk)
    return dict(grouped)
