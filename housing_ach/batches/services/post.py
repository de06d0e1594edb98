"""The file is on the bank's server, or it never will be: one transaction says so everywhere."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from housing_ach.audit.chain import anchor
from housing_ach.audit.move import move_all
from housing_ach.bank.selectors import next_window
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.services import postings
from housing_ach.batches.services.fence import step
from housing_ach.batches.states import BatchStatus, EntryStatus, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case, resolve
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.services import post
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.failpoints import failpoint
from housing_ach.users.services import system_user

FILE = BankFile._meta.label_lower


def post_sent(file: BankFile, *, at: datetime) -> None:
    """File PUBLISHED, batches, entries and payments SENT, and the books; raises Fenced."""
    with transaction.atomic():
        step(file, FileStatus.PUBLISHED, published_at=at, reason="", data=_totals(file))
        move_all(Batch.objects.filter(file=file), BatchStatus.SENT, strict=True)
        entries = Entry.objects.filter(batch__file=file, status=EntryStatus.SENT)
        move_all(Entry.objects.filter(batch__file=file), EntryStatus.SENT, from_=EntryStatus.FROZEN)
        move_all(
            Payment,
            PaymentStatus.SENT,
            ids=payments_of(entries),
            from_=PaymentStatus.BATCHED,
            strict=True,
        )
        drafts = []
        for batch in file.batches.order_by("pk"):
            rows = postings.moved(entries.filter(batch=batch))
            drafts += postings.sent(batch, rows, on=new_york_date(at))
        post(drafts, at=at)
        close_cases(CaseKind.FILE_HELD, FILE, file.pk, "it is on the bank's server", at=at)
        failpoint("post.before_commit")
    failpoint("post.committed")
    anchor()


def void(file: BankFile, *, reason: str, at: datetime) -> None:
    """The file was proven not published: its payments are planned again, with new traces."""
    with transaction.atomic():
        step(file, FileStatus.VOID, reason=reason)
        move_all(Batch.objects.filter(file=file), BatchStatus.VOID, strict=True)
        entries = Entry.objects.filter(batch__file=file, status=EntryStatus.VOID)
        move_all(Entry.objects.filter(batch__file=file), EntryStatus.VOID)
        plan_anew(file, payments_of(entries), at=at)
        close_cases(CaseKind.FILE_HELD, FILE, file.pk, reason, at=at)
        open_case(
            CaseKind.CUT_OFF_MISSED,
            FILE,
            file.pk,
            f"File {file} was not sent: {reason}",
            at=at,
            suggested_fix="Its payments are planned for the next banking day; tell whoever waits.",
            cents=sum(batch.cents for batch in file.batches.all()),
        )


def plan_anew(file: BankFile, payment_ids: list[int], *, at: datetime) -> None:
    """SCHEDULED for the next window's effective date; no retry is counted."""
    move_all(
        Payment,
        PaymentStatus.SCHEDULED,
        ids=payment_ids,
        effective_on=next_window(file.profile, at).effective_on,
    )


def payments_of(entries: QuerySet[Entry]) -> list[int]:
    found = entries.filter(payment__isnull=False).order_by("payment_id")
    return list(found.values_list("payment_id", flat=True))


@transaction.atomic
def close_cases(
    kind: CaseKind, subject: str, subject_id: int | str, resolution: str, *, at: datetime
) -> None:
    """What a case waited for happened by itself."""
    waiting = Case.objects.open().filter(kind=kind, subject=subject, subject_id=str(subject_id))
    for case in waiting.select_for_update():
        resolve(case, by=system_user(), resolution=resolution, at=at)


def _totals(file: BankFile) -> dict[str, object]:
    batches = list(file.batches.all())
    return {
        "name": file.name,
        "sha256": file.sha256,
        "entries": sum(batch.entry_count for batch in batches),
        "cents": sum(batch.cents for batch in batches),
    }
