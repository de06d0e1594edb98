"""Settlement by evidence: the bank's report names a batch with our totals, or nothing settles."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from housing_ach.audit.move import move, move_all, record
from housing_ach.bank.states import CreditsFunded
from housing_ach.batches.inbound import ChargedReturn, SettledBatch, read_settlement
from housing_ach.batches.models import BankFile, Batch, Entry, Evidence
from housing_ach.batches.services import postings
from housing_ach.batches.services.acknowledge import counts_of
from housing_ach.batches.services.inbound import batch_of, our_file
from housing_ach.batches.services.post import FILE, payments_of
from housing_ach.batches.states import (
    PUBLISHED_ENTRY,
    BatchStatus,
    EntryStatus,
    EvidenceKind,
)
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.drafts import Draft
from housing_ach.ledger.services import post
from housing_ach.payments.models import Payment
from housing_ach.payments.services import allocate
from housing_ach.payments.states import Direction, PaymentStatus

MATCH_DAYS = timedelta(days=400)
CAME_BACK = (EntryStatus.RETURNED, EntryStatus.DISHONORED, EntryStatus.CONTESTED)


@dataclass
class Findings:
    """What one report leads to, gathered first and written together."""

    file: BankFile
    at: datetime
    evidence: list[Evidence] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    cases: list[NewCase] = field(default_factory=list)
    to_allocate: defaultdict[date, list[int]] = field(default_factory=lambda: defaultdict(list))

    def believe(
        self, kind: EvidenceKind, line: int, *, batch: Batch, on: date, cents: int
    ) -> Evidence:
        found = Evidence(
            kind=kind,
            file=self.file,
            line=line,
            batch=batch,
            profile=self.file.profile,
            banking_on=on,
            cents=cents,
            made_at=self.at,
        )
        self.evidence.append(found)
        return found

    def doubt(self, line: int, summary: str, cents: int) -> None:
        fix = "Ask the bank what moved; nothing was posted for this line."
        subject_id = f"{self.file.pk}:{line}"
        self.cases.append(
            NewCase(
                CaseKind.SETTLEMENT_MISMATCH,
                FILE,
                subject_id,
                f"{self.file.name}, line {line}: {summary}",
                suggested_fix=fix,
                facts={"file": self.file.pk, "line": line},
                cents=cents,
            )
        )

    def write(self) -> None:
        Evidence.objects.bulk_create(self.evidence)
        drafts = self.drafts
        for on, payment_ids in sorted(self.to_allocate.items()):
            allocate(sorted(payment_ids), on=on, at=self.at, also=drafts)
            drafts = []
        post(drafts, at=self.at)
        open_cases(self.cases, at=self.at)


def settle(file: BankFile, content: bytes, at: datetime) -> None:
    """Raises Unreadable, Contradiction, or NotYet while a file it names is not posted."""
    report = read_settlement(content)
    findings = Findings(file, at)
    for line, told in report.batches:
        _settle_batch(findings, line, told)
    _charge_returns(findings, report.returns)
    findings.write()


def _settle_batch(findings: Findings, line: int, told: SettledBatch) -> None:
    ours = our_file(findings.file, told.name, at=findings.at)
    batch = batch_of(ours, told.number) if ours else None
    moved_cents = told.debit_cents + told.credit_cents
    if batch is None:
        findings.doubt(line, f"batch {told.number} of {told.name} was never sent", moved_cents)
        return
    theirs = (told.entry_count, told.debit_cents, told.credit_cents)
    if theirs != counts_of(batch) or told.company_id != batch.company.company_id.strip():
        findings.doubt(
            line, f"batch {batch}: {theirs} settled, sent were {counts_of(batch)}", moved_cents
        )
        return
    if batch.status not in {BatchStatus.SENT, BatchStatus.ACCEPTED}:
        findings.doubt(
            line, f"batch {batch} is {batch.status} and was reported as settled", moved_cents
        )
        return
    _believe_settled(findings, line, batch, told.settled_on)


def _believe_settled(findings: Findings, line: int, batch: Batch, on: date) -> None:
    findings.believe(EvidenceKind.SETTLED, line, batch=batch, on=on, cents=batch.cents)
    findings.drafts += postings.settled(batch, cents=batch.cents, on=_moved_on(batch, on))
    move(batch, BatchStatus.SETTLED, settled_on=on)
    entries = Entry.objects.filter(batch=batch)
    move_all(entries, EntryStatus.SETTLED, settled_on=on)
    settled = payments_of(entries.filter(status=EntryStatus.SETTLED))
    move_all(
        Payment,
        PaymentStatus.SETTLED,
        ids=settled,
        from_=(PaymentStatus.SENT, PaymentStatus.ACCEPTED),
        first_settled_on=Coalesce(F("first_settled_on"), on),
    )
    with_money = Payment.objects.filter(pk__in=settled, cents__gt=0).values_list("pk", flat=True)
    findings.to_allocate[on] += with_money
    _note_settled_returns(batch, on)


def _moved_on(batch: Batch, settled_on: date) -> date:
    """Some banks take the money of credits when they take the file, before it settles."""
    funded = batch.company.profile.credits_funded
    if batch.direction == Direction.CREDIT and funded == CreditsFunded.AT_ORIGINATION:
        return batch.processing_on
    return settled_on


def _note_settled_returns(batch: Batch, on: date) -> None:
    """Returned entries settle with their batch: a fact, not a status."""
    returned = Entry.objects.filter(batch=batch, status__in=CAME_BACK, settled_on=None)
    ids = list(returned.order_by("pk").values_list("pk", flat=True))
    if ids:
        Entry.objects.filter(pk__in=ids).update(settled_on=on)
        record("entry.settled_after_return", batch, data={"settled_on": on, "entries": ids})


def _charge_returns(findings: Findings, told: Sequence[tuple[int, ChargedReturn]]) -> None:
    """A charge may be read before its return: then it waits as evidence for `take_back()`."""
    entries = _entries_by_trace([row.trace for _, row in told])
    charged = set(
        Evidence.objects.filter(
            kind=EvidenceKind.RETURN_CHARGED, entry__in=entries.values()
        ).values_list("entry_id", flat=True)
    )
    for line, row in told:
        entry = entries.get((row.company_id, row.trace))
        if entry is None or not _fits(row, entry):
            findings.doubt(line, f"{row.code} of {row.trace} charged, no such entry", row.cents)
        elif entry.pk in charged:
            findings.doubt(line, f"{row.code} of {row.trace} was charged before", row.cents)
        else:
            charged.add(entry.pk)
            _charge(findings, line, row, entry)


def _entries_by_trace(traces: Sequence[str]) -> dict[tuple[str, str], Entry]:
    """The newest entry of a trace: its digits repeat after ten million entries."""
    entries = (
        Entry.objects.select_related("batch__company")
        .filter(trace__in=traces, status__in=PUBLISHED_ENTRY)
        .order_by("trace_serial")
    )
    return {(entry.batch.company.company_id.strip(), entry.trace): entry for entry in entries}


def _fits(row: ChargedReturn, entry: Entry) -> bool:
    recent = entry.batch.effective_on >= row.charged_on - MATCH_DAYS
    return recent and entry.cents == row.cents and entry.batch.direction == row.direction


def _charge(findings: Findings, line: int, row: ChargedReturn, entry: Entry) -> None:
    found = findings.believe(
        EvidenceKind.RETURN_CHARGED, line, batch=entry.batch, on=row.charged_on, cents=row.cents
    )
    found.entry = entry
    if entry.status in CAME_BACK:
        rows = postings.moved(Entry.objects.filter(pk=entry.pk))
        findings.drafts += postings.charged(entry.batch, rows, on=row.charged_on)
