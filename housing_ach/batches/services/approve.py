"""What people decide about a batch before it is frozen."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from housing_ach.audit.move import move, move_all
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.selectors import contents
from housing_ach.batches.services.build import by_reason
from housing_ach.batches.services.windows import require_open
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.cases.states import CaseKind
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User


class MakerCannotApprove(Refusal):
    """Whoever made a batch is not the one who approves it."""


class ContentChanged(Refusal):
    """The batch is no longer what was put together, or nothing of it is left."""


def approve(batch: Batch, *, by: User, at: datetime) -> None:
    """Bind the approval to the batch's exact content.

    Raises MakerCannotApprove, PastCutOff, ContentChanged, and StaleState where somebody was first.
    """
    if by.pk == batch.made_by_id:
        raise MakerCannotApprove(
            f"approved by: {by} made batch {batch} and cannot approve it",
            field="approved_by",
            ids=[batch.pk],
        )
    require_open(batch.window, batch.processing_on, at)
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=batch.pk)
        require_unchanged(batch)
        move(
            batch,
            BatchStatus.APPROVED,
            approved_by=by,
            approved_at=at,
            approved_sha=batch.content_sha,
        )


def require_unchanged(batch: Batch) -> None:
    """Entries kept and ejected are those the batch was made of; raises ContentChanged."""
    content = contents([batch.pk])[batch.pk]
    if content.sha != batch.content_sha or not content.entry_count:
        raise ContentChanged(
            f"batch {batch}: its content changed or is empty, cancel it and build anew",
            field="content_sha",
            ids=[batch.pk],
        )


def cancel(batch: Batch, *, reason: str, at: datetime) -> None:
    """Give the payments of a batch not yet frozen back to the plan; the next build takes them."""
    with transaction.atomic():
        move(batch, BatchStatus.CANCELLED, data={"reason": reason})
        disband(batch, reason=reason)


def disband(batch: Batch, *, reason: str) -> None:
    planned = list(
        Entry.objects.select_for_update()
        .filter(batch=batch, status=EntryStatus.PLANNED)
        .order_by("pk")
        .values_list("pk", "payment_id")
    )
    move_all(Entry, EntryStatus.EJECTED, ids=[pk for pk, _ in planned], reason=reason)
    move_all(
        Payment,
        PaymentStatus.SCHEDULED,
        ids=sorted(payment for _, payment in planned),
        from_=PaymentStatus.BATCHED,
    )


def eject(entry: Entry, *, reason: str, at: datetime) -> None:
    """Take one planned entry out of its batch and hold its payment; raises StaleState."""
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=entry.batch_id)
        if not eject_all({entry.pk: (CaseKind.ENTRY_EJECTED, reason)}, at=at):
            raise ContentChanged(
                f"entry {entry}: is not planned any more", field="status", ids=[entry.pk]
            )
        entry.refresh_from_db()


def eject_all(refused: Mapping[int, tuple[CaseKind, str]], *, at: datetime) -> list[int]:
    """Entries out of their batches, and their payments HELD with a Case; the batches hold the lock.

    A payment that was held or cancelled meanwhile stays what it became.
    """
    ejected: list[int] = []
    for (kind, reason), ids in by_reason(refused).items():
        moved = move_all(Entry, EntryStatus.EJECTED, ids=ids, reason=reason[:300])
        batched = Payment.objects.filter(
            entries__in=moved, status=PaymentStatus.BATCHED
        ).values_list("pk", flat=True)
        hold(sorted(batched), kind=kind, reason=reason, at=at)
        ejected += moved
    if ejected:
        _recount(ejected)
    return ejected


def replan(entry_ids: Sequence[int], *, reason: str) -> list[int]:
    """Planned entries out of their batches, their payments SCHEDULED again: the next build takes them.

    Nobody decides anything: their account was corrected. Returns the entries that went.
    """
    with transaction.atomic():
        batches = Batch.objects.filter(entries__in=entry_ids).order_by("pk")
        list(Batch.objects.select_for_update().filter(pk__in=batches.values("pk")).order_by("pk"))
        moved = move_all(Entry, EntryStatus.EJECTED, ids=entry_ids, reason=reason[:300])
        payments = Payment.objects.filter(entries__in=moved).order_by("pk")
        move_all(
            Payment,
            PaymentStatus.SCHEDULED,
            ids=list(payments.values_list("pk", flat=True)),
            from_=PaymentStatus.BATCHED,
        )
        if moved:
            _recount(moved)
    return moved


def _recount(entry_ids: list[int]) -> None:
    batches = list(Batch.objects.filter(entries__in=entry_ids).distinct().order_by("pk"))
    found = contents([batch.pk for batch in batches])
    for batch in batches:
        batch.entry_count, batch.cents = found[batch.pk][:2]
    Batch.objects.bulk_update(batches, ["entry_count", "cents"])
