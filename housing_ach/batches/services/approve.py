"""What people decide about a batch before it is frozen."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from housing_ach.audit.move import move, move_all
from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.selectors import contents
from housing_ach.batches.services.windows import require_open
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User


class MakerCannotApprove(Refusal):
    """Whoever made a batch is not the one who approves it."""


class ContentChanged(Refusal):
    """The batch is no longer what was put together, or nothing of it is left."""


def approve(batch: Batch, *, by: User, at: datetime) -> None:
    """Bind the approval to the batch's exact content.

    `batch` is as the approver saw it: what was taken out since was not approved. Raises
    MakerCannotApprove, PastCutOff, ContentChanged, and StaleState where somebody was first.
    """
    if by.pk == batch.made_by_id:
        raise MakerCannotApprove(
            f"approved by: {by} made batch {batch} and cannot approve it",
            field="approved_by",
            ids=[batch.pk],
        )
    require_open(batch.window, batch.processing_on, at)
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        if locked.status == batch.status and _totals(locked) != _totals(batch):
            raise ContentChanged(
                f"batch {batch}: entries were taken out of it, look at it again",
                field="entry_count",
                ids=[batch.pk],
            )
        require_unchanged(batch)
        move(
            batch,
            BatchStatus.APPROVED,
            approved_by=by,
            approved_at=at,
            approved_sha=batch.content_sha,
        )


def _totals(batch: Batch) -> tuple[int, int]:
    return batch.entry_count, batch.cents


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
        disband(batch, reason=reason, at=at)


def disband(batch: Batch, *, reason: str, at: datetime) -> None:
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
        effective_on=Greatest(F("effective_on"), soonest_effective_date(batch.company.profile, at)),
    )
