"""Writing: a spec becomes bytes, or one exception that names every row that cannot be sent.

Entries are laid out by column, then read back by the very rules that judge other people's files;
the totals those rules added up fill the controls. Nothing is cut, renumbered or put right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from housing_ach.nacha.block import Scratch
from housing_ach.nacha.codes import FOREIGN_DESCRIPTIONS
from housing_ach.nacha.control_rules import HASH_DIGITS
from housing_ach.nacha.dates import yymmdd
from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import CHUNK, FILLER_TYPE, Frame
from housing_ach.nacha.issues import Findings, Issue
from housing_ach.nacha.layout import (
    ADDENDA_05,
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING,
    FILE_CONTROL,
    FILE_HEADER,
    WIDTH,
)
from housing_ach.nacha.render import (
    EntryCanvas,
    Faults,
    RowError,
    as_bytes,
    line_of,
    number_text,
    span_of,
    spelled,
    too_long,
)
from housing_ach.nacha.rules import severities
from housing_ach.nacha.spec import (
    Addendum,
    BatchSpec,
    EntryColumns,
    FileSpec,
    RawAddenda,
    payment_addenda,
)
from housing_ach.nacha.sweep import Swept, sweep_body

# A reader warns of these; a writer has no reason to send them.
STRICT = dict.fromkeys(("B07", "B13", "E20", "E24", "F20", "A06", "A07"), "error")
_LISTED = 20
N = TypeVar("N", bound=np.generic)


class WriteErrors(ValueError):
    """Nothing was written. `errors` names every row, with account numbers masked."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        self.errors = tuple(errors)
        shown = "\n".join(str(error) for error in self.errors[:_LISTED])
        more = len(self.errors) - _LISTED
        super().__init__(shown + (f"\nand {more} more" if more > 0 else ""))


@dataclass
class _Batch:
    spec: BatchSpec
    columns: EntryColumns
    header: int
    addenda: NDArray[np.uint16]  # how many each entry has

    @property
    def control(self) -> int:
        return self.header + 1 + len(self.columns) + int(self.addenda.sum())

    @property
    def rows(self) -> Ints:
        rows: Ints = np.arange(self.header + 1, self.header + 1 + len(self.columns))
        if self.columns.addenda is not None:
            rows += np.cumsum(self.addenda, dtype=np.int64) - self.addenda
        return rows


def write(file: FileSpec, *, line_ending: str = "\n") -> bytes:
    """The file as bytes. Raises WriteErrors, naming all rows, if any of them breaks a rule."""
    canvas = _Canvas(file, line_ending)
    errors = canvas.draw()
    if errors:
        raise WriteErrors(errors)
    return canvas.take()


def check_rows(file: FileSpec) -> list[RowError]:
    """Every reason `write` would refuse, without writing: eject those rows and the rest can go."""
    return _Canvas(file, "\n").draw()


def entry_lines(file: FileSpec) -> Ints:
    """The line each entry stands on, over all batches in order."""
    batches = _planned(file)
    return np.concatenate([batch.rows + 1 for batch in batches] or [np.zeros(0, np.int64)])


def _planned(file: FileSpec) -> list[_Batch]:
    planned, row = [], 1
    for spec in file.batches:
        columns = spec.columns
        if columns.addenda is None:
            addenda = np.zeros(len(columns), np.uint16)
        else:
            addenda = np.array([len(some) for some in columns.addenda], np.uint16)
        batch = _Batch(spec, columns, row, addenda)
        planned.append(batch)
        row = batch.control + 1
    return planned


class _Canvas:
    def __init__(self, file: FileSpec, line_ending: str) -> None:
        self.file = file
        self.batches = _planned(file)
        self.faults = Faults()
        ends = line_ending.encode("ascii")
        self.stride = WIDTH + len(ends)
        self.control = self.batches[-1].control + 1 if self.batches else 1
        self.count = -(-(self.control + 1) // BLOCKING) * BLOCKING
        # Drawn on in place, then given away as bytes without a copy.
        self._buffer = BytesIO(bytes(self.count * self.stride))
        self.flat = np.frombuffer(self._buffer.getbuffer(), np.uint8)
        self.matrix = self.flat.reshape(self.count, self.stride)
        self.types = np.zeros(self.count + 1, np.uint8)
        self.ends = np.frombuffer(ends, np.uint8)

    def take(self) -> bytes:
        """The bytes, without a copy of them: nothing can be drawn afterwards."""
        del self.flat, self.matrix
        return self._buffer.getvalue()

    def draw(self) -> list[RowError]:
        self._draw_file()
        for index, batch in enumerate(self.batches):
            self._put(batch.header, self._header(index, batch.spec))
            self._put(batch.control, b"8".ljust(WIDTH))
            self._draw_addenda(index, batch)
        for group in _groups(self.batches):
            self._draw_entries(group)
        frame = Frame(self.flat, self.count, self.stride, self.types)
        findings = Findings(frame, severities(STRICT), None)
        swept = sweep_body(frame, findings, Scratch())
        self._draw_controls(swept)
        return self._errors([issue for issue in findings.close() if issue.severity == "error"])

    def _put(self, row: int, line: bytes) -> None:
        self.matrix[row, :WIDTH] = np.frombuffer(line, np.uint8)
        self.matrix[row, WIDTH:] = self.ends
        self.types[row] = line[0]

    def _draw_file(self) -> None:
        file = self.file
        values = {
            "immediate_destination": file.immediate_destination.rjust(10),
            "immediate_origin": file.immediate_origin.rjust(10),
            "creation_date": yymmdd(file.creation_on),
            "creation_time": file.creation_time,
            "file_id_modifier": file.modifier,
            "destination_name": file.destination_name,
            "origin_name": file.origin_name,
            "reference": file.reference,
        }
        self._put(0, line_of(FILE_HEADER, values, (None, None), self.faults))
        self._put(self.control, b"9".ljust(WIDTH))
        for row in range(self.control + 1, self.count):
            self._put(row, b"9" * WIDTH)
            self.types[row] = FILLER_TYPE

    def _header(self, index: int, spec: BatchSpec) -> bytes:
        day = spec.settlement_day
        values = {
            "service_class": spec.service_class,
            "company_name": spec.company_name,
            "discretionary_data": spec.discretionary_data,
            "company_id": spec.company_id,
            "sec_code": spec.sec_code,
            "description": spec.description,
            "descriptive_date": spec.descriptive_date,
            "effective_date": yymmdd(spec.effective_on),
            "settlement_day": "" if day is None else number_text(day, 3),
            "originator_status": spec.originator_status,
            "odfi": spec.odfi,
            "batch_number": number_text(spec.number, 7),
        }
        if spec.description.strip().upper() in FOREIGN_DESCRIPTIONS:
            reason = f"'{spec.description}' is reserved for a use that is none of ours"
            self.faults.errors.append(RowError(index, None, "description", reason))
        return line_of(BATCH_HEADER, values, (index, None), self.faults)

    def _draw_addenda(self, index: int, batch: _Batch) -> None:
        if batch.columns.addenda is None:
            return
        traces = batch.columns.trace
        rows = batch.rows
        for place in np.flatnonzero(batch.addenda).tolist():
            trace = _trace_text(traces[place])
            for order, addendum in enumerate(batch.columns.addenda[place]):
                line = _addendum_line(addendum, order, trace, (index, place), self.faults)
                self._put(int(rows[place]) + 1 + order, line)

    def _draw_entries(self, group: list[tuple[int, _Batch]]) -> None:
        columns = _joined([batch.columns for _, batch in group])
        rows = _one([batch.rows for _, batch in group])
        announced = _one([batch.addenda for _, batch in group]) > 0
        whose = _Whose(group)
        canvas = EntryCanvas(self.stride)
        for first in range(0, len(rows), CHUNK):
            part = slice(first, first + CHUNK)
            ready = {name: self._ready(name, columns[name][part], first, whose) for name in columns}
            block = canvas.fill(ready, announced[part].view(np.uint8))
            block[:, WIDTH:] = self.ends
            self._place(rows[part], block)
        self.types[rows] = ord("6")

    def _place(self, rows: Ints, block: Bytes) -> None:
        first, last = int(rows[0]), int(rows[-1])
        if last - first == len(rows) - 1:
            self.matrix[first : last + 1] = block
        else:
            self.matrix[rows] = block

    def _ready(
        self, name: str, column: NDArray[np.generic], first: int, whose: "_Whose"
    ) -> NDArray[np.generic]:
        """Text as it is, numbers spelled; what has no room is reported by its own value."""
        _, width = span_of(name)
        if column.dtype.kind == "S":
            for place in too_long(column.astype(np.bytes_, copy=False), width):
                text = column[place].decode("latin-1")
                self.faults.too_long(whose.row(first + int(place)), name, text, width)
            return column
        numbers = column.astype(np.int64, copy=False)
        digits, unfit = spelled(numbers, width)
        for place in np.flatnonzero(unfit):
            self.faults.out_of_range(whose.row(first + int(place)), name, int(numbers[place]))
        return digits

    def _draw_controls(self, swept: Swept) -> None:
        table = swept.table
        hashes = table.hash % HASH_DIGITS
        for index, batch in enumerate(self.batches):
            values = {
                "service_class": batch.spec.service_class,
                "entry_addenda_count": number_text(batch.control - batch.header - 1, 6),
                "entry_hash": number_text(int(hashes[index]), 10),
                "total_debit": number_text(int(table.debit_cents[index]), 12),
                "total_credit": number_text(int(table.credit_cents[index]), 12),
                "company_id": batch.spec.company_id[:10],
                "odfi": batch.spec.odfi[:8],
                "batch_number": number_text(batch.spec.number, 7)[:7],
            }
            self._put(batch.control, line_of(BATCH_CONTROL, values, (index, None), self.faults))
        records = self.control - 1 - 2 * len(self.batches)
        values = {
            "batch_count": number_text(len(self.batches), 6),
            "block_count": number_text(self.count // BLOCKING, 6),
            "entry_addenda_count": number_text(records, 8),
            "entry_hash": number_text(int(table.hash.sum()) % HASH_DIGITS, 10),
            "total_debit": number_text(int(table.debit_cents.sum()), 12),
            "total_credit": number_text(int(table.credit_cents.sum()), 12),
        }
        self._put(self.control, line_of(FILE_CONTROL, values, (None, None), self.faults))

    def _errors(self, issues: list[Issue]) -> list[RowError]:
        """The rules' findings in the words of the spec, without those of values already named."""
        if not issues and not self.faults.errors:
            return []
        whose = _Whose(list(enumerate(self.batches)))
        rows = entry_lines(self.file)
        headers = np.array([batch.header + 1 for batch in self.batches])
        known = {(error.batch, error.row, error.field) for error in self.faults.errors}
        errors = list(self.faults.errors)
        for issue in issues:
            batch, row = None, None
            if issue.record.startswith(("entry", "addenda")):
                batch, row = whose.row(int(np.searchsorted(rows, issue.line, side="right")) - 1)
            elif issue.record == "batch_header" and issue.line in headers:
                batch = int(np.searchsorted(headers, issue.line))
            name = _FIELDS.get(issue.field, issue.field) or issue.record
            # A trace after a wrong one is not to blame for the order.
            before = (batch, _order(row) - 1, name)
            if (batch, row, name) not in known and not (issue.rule == "E17" and before in known):
                errors.append(RowError(batch, row, name, issue.message))
                known.add((batch, row, name))
        errors.sort(key=lambda error: (_order(error.batch), _order(error.row)))
        return errors


_FIELDS = {"amount": "cents", "check_digit": "routing"}


def _order(place: int | None) -> int:
    return -1 if place is None else place


class _Whose:
    """Which batch and row of the spec an entry of a group is."""

    def __init__(self, group: list[tuple[int, _Batch]]) -> None:
        self._indices = [index for index, _ in group]
        lengths = [len(batch.columns) for _, batch in group]
        self._starts = np.cumsum([0, *lengths])

    def row(self, place: int) -> tuple[int, int]:
        at = int(np.searchsorted(self._starts, place, side="right")) - 1
        return self._indices[at], place - int(self._starts[at])


def _groups(batches: list[_Batch]) -> Iterator[list[tuple[int, _Batch]]]:
    """Small batches together, so that one pass over columns serves thousands of entries."""
    group: list[tuple[int, _Batch]] = []
    size = 0
    for index, batch in enumerate(batches):
        if len(batch.columns) == 0:
            continue
        group.append((index, batch))
        size += len(batch.columns)
        if size >= CHUNK:
            yield group
            group, size = [], 0
    if group:
        yield group


def _joined(parts: list[EntryColumns]) -> Mapping[str, NDArray[np.generic]]:
    arrays = [part.arrays for part in parts]
    return {name: _join([one[name] for one in arrays], name) for name in arrays[0]}


def _one(parts: list[NDArray[N]]) -> NDArray[N]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _join(parts: list[NDArray[np.generic]], name: str) -> NDArray[np.generic]:
    if all(part.dtype.kind in "iu" for part in parts):
        return _one(parts)
    _, width = span_of(name)
    texts = [_digits(part, width) if part.dtype.kind in "iu" else as_bytes(part) for part in parts]
    return _one(texts)


def _digits(part: NDArray[np.generic], width: int) -> NDArray[np.bytes_]:
    return np.array([number_text(int(number), width).encode() for number in part])


def _trace_text(trace: object) -> str:
    if isinstance(trace, bytes):
        return trace.decode("latin-1")
    return trace if isinstance(trace, str) else number_text(int(str(trace)), 15)


def _addendum_line(
    addendum: Addendum, order: int, trace: str, place: tuple[int, int], faults: Faults
) -> bytes:
    raw = addendum if isinstance(addendum, RawAddenda) else payment_addenda(addendum)
    values = {"trace": trace, **raw.values}
    if raw.layout is ADDENDA_05:
        values |= {"sequence": number_text(order + 1, 4), "entry_sequence": trace[-7:]}
    return line_of(raw.layout, values, place, faults)
