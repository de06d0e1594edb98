"""A return was read: the entry and its payment come back, before or after the settlement."""

from datetime import date, datetime

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.batches.models import Batch, Entry, Evidence
from housing_ach.batches.services import postings
from housing_ach.batches.services.post import close_cases
from housing_ach.batches.states import EntryStatus, EvidenceKind
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.drafts import Draft
from housing_ach.ledger.services import post
from housing_ach.payments.models import Payment
from housing_ach.payments.services import unwind
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.shared.problems import Refusal

ENTRY = Entry._meta.label_lower


class NotReturnable(Refusal):
    """The entry is not with the bank, or came back before."""


def take_back(entry: Entry, *, code: str, on: date, at: datetime) -> None:
    """Entry and payment RETURNED as of the banking date `on`, and the books; raises NotReturnable.

    After the settlement a debit's live allocations are unwound. What the bank charged or gave back for
    the return, and was read first, is posted now.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=entry.batch_id)
        entry = Entry.objects.select_for_update().get(pk=entry.pk)
        was_settled = entry.status == EntryStatus.SETTLED
        if entry.payment_id is None or EntryStatus.RETURNED not in Entry.MOVES[entry.status]:
            raise NotReturnable(
                f"entry {entry}: is {entry.status} and cannot be returned",
                field="status",
                ids=[entry.pk],
            )
        payment = Payment.objects.select_for_update().get(pk=entry.payment_id)
        move(entry, EntryStatus.RETURNED, returned_on=on, reason=code)
        is_kept = was_settled and batch.direction == Direction.DEBIT
        drafts = _drafts(batch, entry, is_kept=is_kept, on=on)
        if is_kept and entry.cents:
            unwind(payment, against=postings.to_be_charged(batch), on=on, at=at, also=drafts)
        else:
            post(drafts, at=at)
        move(payment, PaymentStatus.RETURNED, data={"code": code})
        close_cases(CaseKind.SETTLEMENT_MISMATCH, ENTRY, entry.pk, f"came back as {code}", at=at)


def _drafts(batch: Batch, entry: Entry, *, is_kept: bool, on: date) -> list[Draft]:
    rows = postings.moved(Entry.objects.filter(pk=entry.pk))
    drafts = [] if is_kept else postings.returned(batch, rows, on=on)
    charge = Evidence.objects.filter(kind=EvidenceKind.RETURN_CHARGED, entry=entry).first()
    if charge:
        drafts += postings.charged(batch, rows, on=charge.banking_on)
    return drafts
