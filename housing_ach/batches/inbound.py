"""Strict readers of what the bank says in words other than Nacha's (docs/bank-files.md).

A file is read whole or not at all: an unknown record, a missing or surplus field or a trailer that
does not agree raises Unreadable, and nothing of it is used.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from housing_ach.batches.states import FileKind
from housing_ach.shared.problems import Refusal

INSTANT = "%Y-%m-%dT%H:%M:%SZ"
KINDS = {
    "ACK": FileKind.ACKNOWLEDGEMENT,
    "SETTLEMENT": FileKind.SETTLEMENT,
    "NO_RETURNS": FileKind.NO_ACTIVITY,
}


class Unreadable(Refusal):
    """The file is not what its first line promises; nothing of it may be used."""


class Verdict(NamedTuple):
    """What the bank says of our whole file, counts as it read them."""

    verdict: str
    name: str
    sha256: str
    origin: str
    creation_on: date | None
    creation_time: str
    modifier: str
    batch_count: int
    entry_count: int
    debit_cents: int
    credit_cents: int
    reason: str
    explanation: str


class BatchVerdict(NamedTuple):
    verdict: str
    number: int
    company_id: str
    sec_code: str
    effective_on: date | None
    entry_count: int
    debit_cents: int
    credit_cents: int
    reason: str
    explanation: str


class SettledBatch(NamedTuple):
    name: str
    number: int
    company_id: str
    effective_on: date
    settled_on: date
    entry_count: int
    debit_cents: int
    credit_cents: int


class ChargedReturn(NamedTuple):
    company_id: str
    trace: str
    return_trace: str
    code: str
    charged_on: date
    direction: str
    cents: int


@dataclass(frozen=True)
class Notice:
    """Header of a text file; `banking_on` is the day it is about."""

    written_at: datetime
    banking_on: date


@dataclass(frozen=True)
class Acknowledgement(Notice):
    file: Verdict
    batches: tuple[BatchVerdict, ...]


@dataclass(frozen=True)
class SettlementReport(Notice):
    """Each line with its number in the file, which is what evidence points at."""

    batches: tuple[tuple[int, SettledBatch], ...]
    returns: tuple[tuple[int, ChargedReturn], ...]


@dataclass(frozen=True)
class Lines(Notice):
    rows: tuple[tuple[int, Any], ...]
    totals: tuple[int, ...]

    def of(self, shape: type[Any]) -> tuple[tuple[int, Any], ...]:
        return tuple((line, row) for line, row in self.rows if isinstance(row, shape))


def sniff(content: bytes) -> FileKind:
    """The kind by the first line alone; a name promises nothing."""
    first = content[:200].split(b"\n", 1)[0].decode("ascii", "replace").strip("\ufeff\r ")
    if first.startswith("HDR,"):
        return KINDS.get(first.split(",")[1], FileKind.UNKNOWN)
    if re.match(r"101|5\d\d|6\d\d", first):
        return FileKind.RETURNS
    return FileKind.UNKNOWN


def read_acknowledgement(content: bytes) -> Acknowledgement:
    lines = _read(content, "ACK", {"FILE": Verdict, "BATCH": BatchVerdict}, totals=2)
    files = [row for _, row in lines.of(Verdict)]
    batches = tuple(row for _, row in lines.of(BatchVerdict))
    if len(files) != 1:
        raise Unreadable(f"FILE: {len(files)} lines where one belongs", field="FILE")
    accepted = [batch for batch in batches if batch.verdict == "ACCEPTED"]
    _agree(lines, sum(b.debit_cents for b in accepted), sum(b.credit_cents for b in accepted))
    if files[0].verdict != _verdict_of(len(accepted), len(batches)):
        raise Unreadable(f"FILE: {files[0].verdict} does not fit its batches", field="FILE")
    return Acknowledgement(lines.written_at, lines.banking_on, files[0], batches)


def read_settlement(content: bytes) -> SettlementReport:
    shapes = {"BATCH": SettledBatch, "RETURN": ChargedReturn}
    lines = _read(content, "SETTLEMENT", shapes, totals=4)
    batches, returns = lines.of(SettledBatch), lines.of(ChargedReturn)
    by_direction = {"DEBIT": 0, "CREDIT": 0}
    for _, row in returns:
        by_direction[row.direction] += row.cents
    _agree(
        lines,
        sum(row.debit_cents for _, row in batches),
        sum(row.credit_cents for _, row in batches),
        *by_direction.values(),
    )
    return SettlementReport(lines.written_at, lines.banking_on, batches, returns)


def read_no_activity(content: bytes) -> Notice:
    lines = _read(content, "NO_RETURNS", {}, totals=0)
    return Notice(lines.written_at, lines.banking_on)


def _verdict_of(accepted: int, batches: int) -> str:
    if not accepted:
        return "REJECTED"
    return "ACCEPTED" if accepted == batches else "PARTIAL"


def _text(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has a control character")
    return text


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError("is not a whole number")
    return int(text)


def _day(text: str) -> date:
    if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("is not a date like 2026-11-24")
    return date.fromisoformat(text)


def _day_or_nothing(text: str) -> date | None:
    return _day(text) if text else None


def _instant(text: str) -> datetime:
    return datetime.strptime(text, INSTANT).replace(tzinfo=UTC)


def _like(pattern: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError("is not allowed here")
        return text

    return convert


_trace = _like(r"[0-9]{15}")
_verdict = _like("ACCEPTED|REJECTED")
_counts = (_whole, _whole, _whole)
_why = (_text, _text)
SHAPES: Mapping[type[Any], tuple[Callable[[str], Any], ...]] = {
    Verdict: (
        _like("ACCEPTED|PARTIAL|REJECTED"),
        *(_text, _like(r"[0-9a-f]{64}"), _text, _day_or_nothing, _text, _text),
        *(_whole, *_counts, *_why),
    ),
    BatchVerdict: (_verdict, _whole, _text, _text, _day_or_nothing, *_counts, *_why),
    SettledBatch: (_text, _whole, _text, _day, _day, *_counts),
    ChargedReturn: (_text, _trace, _trace, _like("R[0-9]{2}"), _day, _like("DEBIT|CREDIT"), _whole),
}


def _read(content: bytes, kind: str, shapes: Mapping[str, type[Any]], *, totals: int) -> Lines:
    lines = _lines(content)
    written_at, banking_on = _header(lines[0], kind)
    trailer = [_field(n, "TRL", text, _whole) for n, text in enumerate(_trailer(lines, totals))]
    rows = tuple(
        (number, _row(number, line, shapes)) for number, line in enumerate(lines[1:-1], start=2)
    )
    if trailer[0] != len(rows):
        raise Unreadable(f"TRL: promises {trailer[0]} lines, {len(rows)} came", field="TRL")
    return Lines(written_at, banking_on, rows, tuple(trailer[1:]))


def _lines(content: bytes) -> list[str]:
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"byte {problem.start}: is not ASCII", field="file") from problem
    if not text.endswith("\n"):
        raise Unreadable("file: ends in the middle of a line", field="file")
    lines = text.replace("\r\n", "\n").split("\n")[:-1]
    if len(lines) < 2:
        raise Unreadable("file: has no trailer", field="TRL")
    return lines


def _header(line: str, kind: str) -> tuple[datetime, date]:
    fields = line.split(",")
    if len(fields) != 6 or fields[:3] != ["HDR", kind, "1"]:
        raise Unreadable(f"HDR: is not `HDR,{kind},1` with six fields", field="HDR")
    return _field(1, "HDR", fields[3], _instant), _field(1, "HDR", fields[4], _day)


def _trailer(lines: Sequence[str], totals: int) -> list[str]:
    fields = lines[-1].split(",")
    if fields[0] != "TRL" or len(fields) != totals + 2:
        raise Unreadable(f"TRL: the last line is not a trailer with {totals} totals", field="TRL")
    return fields[1:]


def _row(number: int, line: str, shapes: Mapping[str, type[Any]]) -> Any:
    record, *fields = line.split(",")
    shape = shapes.get(record)
    if shape is None:
        raise Unreadable(f"line {number}: has no known record", field="record")
    converters = SHAPES[shape]
    if len(fields) != len(converters):
        expected = len(converters)
        raise Unreadable(
            f"line {number}: {len(fields)} fields where {expected} belong", field=record
        )
    columns = zip(shape._fields, fields, converters, strict=True)
    return shape(*(_field(number, name, text, convert) for name, text, convert in columns))


def _field(number: int, name: str, text: str, convert: Callable[[str], Any]) -> Any:
    try:
        return convert(text)
    except ValueError as problem:
        raise Unreadable(f"line {number}, {name}: {text[:20]!r} {problem}", field=name) from problem


def _agree(lines: Lines, *sums: int) -> None:
    if lines.totals != sums:
        raise Unreadable(f"TRL: promises {lines.totals}, the lines add up to {sums}", field="TRL")
