"""The bank says whether it took our file. Accepted is not settled."""

from collections.abc import Sequence
from datetime import datetime

from housing_ach.audit.move import move, move_all
from housing_ach.batches.inbound import (
    Acknowledgement,
    BatchVerdict,
    Verdict,
    read_acknowledgement,
)
from housing_ach.batches.models import BankFile, Batch, Entry, Evidence
from housing_ach.batches.services import postings
from housing_ach.batches.services.inbound import Contradiction, our_file
from housing_ach.batches.services.post import FILE, close_cases, payments_of, plan_anew
from housing_ach.batches.states import BatchStatus, EntryStatus, EvidenceKind, FileStatus
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.drafts import Draft
from housing_ach.ledger.services import post
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payments.states import Direction, PaymentStatus, Purpose

ON_ITS_WAY = (EntryStatus.SENT, EntryStatus.ACCEPTED)
BATCH = Batch._meta.label_lower

# The bank says what is wrong with the file, so that it did not use it, and new entries may go. Any
# other reason (above all a duplicate) leaves open whether the money moves: a person must ask.
SAFE_TO_SEND_ANEW = frozenset(
    [
        "NOT_ASCII",
        "RECORD_LENGTH",
        "RECORD_TYPE",
        "RECORD_ORDER",
        "FILE_HEADER",
        "DESTINATION",
        "BATCH_COUNT",
        "BLOCK_COUNT",
        "ENTRY_COUNT",
        "ENTRY_HASH",
        "DEBIT_TOTAL",
        "CREDIT_TOTAL",
        "NO_BATCH_ACCEPTED",
        "REFUSED",
        "SERVICE_CLASS",
        "SEC_CODE",
        "COMPANY",
        "DESCRIPTION",
        "ODFI",
        "EFFECTIVE_DATE",
        "BATCH_CONTROL",
        "TRANSACTION_CODE",
        "TRACE",
        "AMOUNT",
        "ADDENDA",
    ]
)


def acknowledge(file: BankFile, content: bytes, at: datetime) -> None:
    """Raises Unreadable, Contradiction, or NotYet while our file is not posted."""
    told = read_acknowledgement(content)
    ours = our_file(file, told.file.name, at=at)
    if ours is None or ours.sha256 != told.file.sha256:
        raise Contradiction(
            f"FILE: {told.file.name} with sha256 {told.file.sha256[:16]}… was never sent",
            field="FILE",
        )
    became = FileStatus.REJECTED if told.file.verdict == "REJECTED" else FileStatus.ACCEPTED
    if ours.status != FileStatus.PUBLISHED:
        _require_same(ours, became)
        return
    pairs = _matched(ours, told)
    move(ours, became, acknowledged_at=told.written_at, reason=told.file.reason[:300])
    Evidence.objects.create(
        kind=EvidenceKind.ACKNOWLEDGED,
        file=file,
        line=2,
        profile=file.profile,
        banking_on=told.banking_on,
        made_at=at,
    )
    told_by = f"acknowledged by {file.name}"
    close_cases(CaseKind.NO_ACKNOWLEDGEMENT, FILE, ours.pk, told_by, at=at)
    _accept([batch for batch, verdict in pairs if verdict.verdict == "ACCEPTED"])
    _reject(ours, told, [pair for pair in pairs if pair[1].verdict == "REJECTED"], at=at)


def _require_same(ours: BankFile, became: FileStatus) -> None:
    if ours.status != became:
        raise Contradiction(f"FILE: {ours} was {ours.status}, now it is {became}", field="FILE")


def _matched(ours: BankFile, told: Acknowledgement) -> list[tuple[Batch, Verdict | BatchVerdict]]:
    """Our batches with what was said of each; raises Contradiction where counts or totals differ."""
    batches = list(Batch.objects.select_for_update().filter(file=ours).order_by("pk"))
    if told.file.verdict == "REJECTED" and not told.batches:
        return [(batch, told.file) for batch in batches]
    by_number = {verdict.number: verdict for verdict in told.batches}
    if sorted(by_number) != sorted(batch.number or 0 for batch in batches):
        raise Contradiction(f"BATCH: not the batches of {ours}", field="BATCH")
    pairs = [(batch, by_number[batch.number or 0]) for batch in batches]
    for batch, verdict in pairs:
        if verdict.verdict == "ACCEPTED" and _counts(verdict) != counts_of(batch):
            raise Contradiction(
                f"BATCH {batch.number}: counts {_counts(verdict)}, ours are {counts_of(batch)}",
                field="BATCH",
            )
    return [*pairs]


def _counts(verdict: BatchVerdict) -> tuple[int, int, int]:
    return verdict.entry_count, verdict.debit_cents, verdict.credit_cents


def counts_of(batch: Batch) -> tuple[int, int, int]:
    """Entries, debit cents and credit cents, as the bank counts them."""
    is_debit = batch.direction == Direction.DEBIT
    return batch.entry_count, batch.cents if is_debit else 0, 0 if is_debit else batch.cents


def _accept(batches: Sequence[Batch]) -> None:
    """A late acknowledgement changes nothing of what settled or came back meanwhile."""
    ids = [batch.pk for batch in batches]
    move_all(Batch, BatchStatus.ACCEPTED, ids=ids)
    entries = Entry.objects.filter(batch_id__in=ids)
    move_all(entries, EntryStatus.ACCEPTED)
    accepted = payments_of(entries.filter(status=EntryStatus.ACCEPTED))
    move_all(Payment, PaymentStatus.ACCEPTED, ids=accepted)


def _reject(
    ours: BankFile,
    told: Acknowledgement,
    pairs: Sequence[tuple[Batch, Verdict | BatchVerdict]],
    *,
    at: datetime,
) -> None:
    drafts: list[Draft] = []
    for batch, verdict in pairs:
        drafts += _reject_batch(ours, batch, verdict, told=told, at=at)
    post(drafts, at=at)
    if told.file.verdict == "REJECTED":
        _tell(CaseKind.FILE_REJECTED, FILE, ours, told.file, [batch for batch, _ in pairs], at=at)
        return
    for batch, verdict in pairs:
        _tell(CaseKind.BATCH_REJECTED, BATCH, batch, verdict, [batch], at=at)


def _reject_batch(
    ours: BankFile,
    batch: Batch,
    verdict: Verdict | BatchVerdict,
    *,
    told: Acknowledgement,
    at: datetime,
) -> list[Draft]:
    """Entries REJECTED; their payments go again as new entries, or are HELD where money may move.

    A micro-deposit is never sent again: its holder starts anew, with other amounts.
    """
    entries = Entry.objects.filter(batch=batch)
    moved_on = entries.filter(status__in=(EntryStatus.SETTLED, EntryStatus.RETURNED))
    if batch.status == BatchStatus.SETTLED or moved_on.exists():
        raise Contradiction(
            f"BATCH {batch.number}: rejected, but it settled or came back", field="BATCH"
        )
    why = f"{verdict.reason}: {verdict.explanation}".strip(": ")
    move(batch, BatchStatus.REJECTED)
    move_all(entries, EntryStatus.REJECTED, reason=why[:300])
    rejected = entries.filter(status=EntryStatus.REJECTED)
    if batch.description == Purpose.MICRO_DEPOSIT:
        move_all(Payment, PaymentStatus.REJECTED, ids=payments_of(rejected))
    elif verdict.reason in SAFE_TO_SEND_ANEW:
        plan_anew(ours, payments_of(rejected), at=at)
    else:
        kind = CaseKind.DUPLICATE if "DUPLICATE" in verdict.reason else CaseKind.HOLD
        hold(
            payments_of(rejected),
            kind=kind,
            reason=f"the bank rejected it: {why}",
            at=at,
            from_=(PaymentStatus.SENT, PaymentStatus.ACCEPTED),
        )
    return postings.rejected(batch, postings.moved(rejected), on=told.banking_on)


def _tell(
    kind: CaseKind,
    subject: str,
    row: BankFile | Batch,
    verdict: Verdict | BatchVerdict,
    batches: Sequence[Batch],
    *,
    at: datetime,
) -> None:
    open_case(
        kind,
        subject,
        row.pk,
        f"The bank rejected {row}: {verdict.reason} {verdict.explanation}",
        at=at,
        suggested_fix=_fix(verdict, batches),
        facts={"reason": verdict.reason, "batches": [batch.pk for batch in batches]},
        cents=sum(batch.cents for batch in batches),
    )


def _fix(verdict: Verdict | BatchVerdict, batches: Sequence[Batch]) -> str:
    if {batch.description for batch in batches} == {Purpose.MICRO_DEPOSIT}:
        return "Mend the cause; whoever wants an account verified has to start again."
    if verdict.reason in SAFE_TO_SEND_ANEW:
        return "Its payments are in the next draft; mend the cause before approving it."
    return "Its payments are held: ask the bank whether it has the entries before releasing them."
