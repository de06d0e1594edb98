"""Writing down what the bank says of each entry, once; what fits no entry becomes a Case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from housing_ach.batches.models import BankFile, Entry
from housing_ach.batches.states import EntryStatus, FileStatus
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.nacha.objects import Entry as Told
from housing_ach.nacha.objects import ReturnAddenda
from housing_ach.returns.models import Return
from housing_ach.returns.selectors import RETURN, Candidates, returned_before, whole
from housing_ach.returns.services.reading import Delivery
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.money import dollars

Key = tuple[str, str, str]

SECOND = "is a second return of an entry that came back before"
FIXES = {
    CaseKind.UNMATCHED_RETURN: "Ask the bank which entry it means; nothing was posted.",
    CaseKind.DUPLICATE_RETURN: "Nothing was posted; ask the bank to dishonor it as R67.",
    CaseKind.DISHONORED: "Follow it up with the bank; its money is not in the books yet.",
}


@dataclass
class Page:
    """The rows of one file on their way in, and the cases they open."""

    delivery: Delivery
    at: datetime
    known: dict[Key, Return]
    taken: dict[str, set[int]]
    candidates: Candidates
    rows: list[Return] = field(default_factory=list)
    doubts: list[tuple[Return, CaseKind, str]] = field(default_factory=list)

    def put(self, told: Told, info: ReturnAddenda) -> None:
        row = _row(self.delivery, told, info, self.at)
        if before := self.known.get(key_of(row)):
            self._repeat(before, row)
            return
        entry, why = self.candidates.match(
            row.original_trace, rdfi=row.original_rdfi, cents=row.cents
        )
        self.known[key_of(row)] = row
        self.rows.append(row)
        if entry is None:
            self._doubt(row, CaseKind.UNMATCHED_RETURN, why)
        elif entry.pk in self.taken[row.kind]:
            self._doubt(row, CaseKind.DUPLICATE_RETURN, SECOND)
        elif entry.status == EntryStatus.REJECTED and row.kind == ReturnKind.RETURN:
            self._doubt(row, CaseKind.UNMATCHED_RETURN, "names an entry the bank had rejected")
        else:
            row.entry = entry
            row.direction = entry.batch.direction
            self.taken[row.kind].add(entry.pk)

    def _repeat(self, before: Return, row: Return) -> None:
        """The very same return: fine where this file is only read again, else somebody should know."""
        same_line = (before.file_id, before.line) == (row.file_id, row.line)
        if not same_line:
            told = f"repeats a return that {before.file} brought"
            self.doubts.append((before, CaseKind.DUPLICATE_RETURN, told))

    def _doubt(self, row: Return, kind: CaseKind, why: str) -> None:
        self.doubts.append((row, kind, why))


def record(delivery: Delivery, *, at: datetime) -> bool:
    """Every return of the file on record, each once; False where another process used the file."""
    with transaction.atomic():
        one_at_a_time()
        file = BankFile.objects.select_for_update(no_key=True).get(pk=delivery.file.pk)
        if file.status != FileStatus.RECEIVED:
            return False
        page = _page(delivery, at)
        for told, info in delivery.returns():
            page.put(told, info)
        Return.objects.bulk_create(page.rows)
        open_cases([_case(page, *doubt) for doubt in page.doubts], at=at)
        open_cases([_answered(row) for row in page.rows if row.kind != ReturnKind.RETURN], at=at)
        open_cases(_strangers(delivery), at=at)
    return True


def key_of(row: Return) -> Key:
    return row.original_trace, row.return_trace, row.code


def one_at_a_time() -> None:
    """Two files may bring the same return: the second looks only when the first has committed.

    Taken before any row is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [RETURN])


def _page(delivery: Delivery, at: datetime) -> Page:
    traces = {whole(info.original_trace) for _, info in delivery.returns()}
    known = Return.objects.filter(original_trace__in=traces).select_related("file")
    candidates = Candidates.of(traces, on=delivery.banking_on)
    entries: Sequence[Entry] = [row for rows in candidates.by_trace.values() for row in rows]
    return Page(
        delivery,
        at,
        known={key_of(row): row for row in known},
        taken={kind: returned_before(entries, kind) for kind in ReturnKind},
        candidates=candidates,
    )


def _row(delivery: Delivery, told: Told, info: ReturnAddenda, at: datetime) -> Return:
    return Return(
        file=delivery.file,
        line=told.addenda[-1].line,
        kind=ReturnKind(info.kind),
        code=info.code,
        original_trace=whole(info.original_trace),
        return_trace=info.trace,
        original_rdfi=info.original_rdfi,
        cents=told.cents,
        information=info.information,
        died_on=info.date_of_death,
        banking_on=delivery.banking_on,
        received_at=at,
    )


def _case(page: Page, row: Return, kind: CaseKind, why: str) -> NewCase:
    file = page.delivery.file
    return NewCase(
        kind,
        RETURN,
        row.pk,
        f"{row.code} of {row.original_trace} in {file} {why}",
        suggested_fix=FIXES[kind],
        facts={"trace": row.original_trace, "return_trace": row.return_trace, "file": file.pk},
        cents=row.cents,
    )


def _answered(row: Return) -> NewCase:
    what = (
        "dishonored the return" if row.kind == ReturnKind.DISHONORED else "contested the dishonor"
    )
    return NewCase(
        CaseKind.DISHONORED,
        RETURN,
        row.pk,
        f"{row.code}: a bank {what} of {row.original_trace} over {dollars(row.cents)}",
        suggested_fix=FIXES[CaseKind.DISHONORED],
        facts={"trace": row.original_trace, "return_trace": row.return_trace},
        cents=row.cents,
    )


def _strangers(delivery: Delivery) -> list[NewCase]:
    if not delivery.strangers:
        return []
    told = f"{delivery.strangers} entries of {delivery.file} are neither returns nor corrections"
    fix = "Ask the bank why it sends them; nothing was posted for them."
    subject = BankFile._meta.label_lower
    kind = CaseKind.UNMATCHED_RETURN
    return [NewCase(kind, subject, delivery.file.pk, told, suggested_fix=fix)]
