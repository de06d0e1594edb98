"""Reading: any bytes become a File. It never raises on content; what is wrong is in `issues`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Generic, TypeVar, overload

import numpy as np

from housing_ach.nacha import addenda as addenda_columns
from housing_ach.nacha import kinds
from housing_ach.nacha.block import Mask
from housing_ach.nacha.dates import date_of
from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import frame
from housing_ach.nacha.issues import LISTED, Findings, Issues
from housing_ach.nacha.layout import BATCH_HEADER
from housing_ach.nacha.objects import Addenda, Entry, FileHeader, cut
from housing_ach.nacha.rules import severities
from housing_ach.nacha.structure import NONE, looks_like_ach
from housing_ach.nacha.sweep import Swept, sweep, trace_numbers

T = TypeVar("T")


class Lazy(Sequence[T], Generic[T]):
    """A sequence that makes each item when it is asked for."""

    def __init__(self, places: Sequence[int], make: Callable[[int], T]) -> None:
        self._places = places
        self._make = make

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "Lazy[T]": ...
    def __getitem__(self, index: int | slice) -> "T | Lazy[T]":
        if isinstance(index, slice):
            return Lazy(self._places[index], self._make)
        return self._make(int(self._places[index]))

    def __iter__(self) -> Iterator[T]:
        return (self._make(int(place)) for place in self._places)


class Batch:
    """One batch: its header as text and dates, its entries as a lazy sequence."""

    def __init__(self, file: "File", index: int) -> None:
        swept = file.swept
        self.index = index
        self._file = file
        row = int(swept.shape.headers[index])
        self.line = swept.frame.line_of(row)
        text = cut(BATCH_HEADER, swept.frame.text(row))
        self.service_class = text["service_class"]
        self.company_name = text["company_name"].rstrip()
        self.discretionary_data = text["discretionary_data"].rstrip()
        self.company_id = text["company_id"].strip()
        self.sec_code = text["sec_code"]
        self.description = text["description"].rstrip()
        self.descriptive_date = text["descriptive_date"].rstrip()
        self.effective_on = date_of(text["effective_date"])
        day = text["settlement_day"]
        self.settlement_day = int(day) if day.isascii() and day.isdigit() else None
        self.odfi = text["odfi"]
        self.number = int(swept.table.number[index])
        self.debit_cents = int(swept.table.debit_cents[index])
        self.credit_cents = int(swept.table.credit_cents[index])
        self.span = range(int(swept.shape.starts[index]), int(swept.shape.stops[index]))

    def __repr__(self) -> str:
        return f"<Batch {self.number} {self.sec_code} {self.description}: {len(self.span)} entries>"

    @property
    def has_control(self) -> bool:
        return bool(self._file.swept.shape.controls[self.index] != NONE)

    @property
    def entries(self) -> Lazy[Entry]:
        return Lazy(self.span, self._file.entry)


class Columns:
    """The entries of a file as NumPy arrays, one item an entry, in file order."""

    def __init__(self, swept: Swept) -> None:
        self._swept = swept
        self.cents = swept.cents

    @cached_property
    def traces(self) -> Ints:
        """Trace numbers as integers; 0 where one is not numeric."""
        return trace_numbers(self._swept.frame, self._swept.shape.entries)

    @cached_property
    def codes(self) -> Bytes:
        """Transaction codes as numbers: 27, 37; meaningless where one is not numeric."""
        pairs = self._swept.frame.matrix[self._swept.shape.entries, 1:3] - np.uint8(0x30)
        return pairs[:, 0] * np.uint8(10) + pairs[:, 1]

    @cached_property
    def lines(self) -> Ints:
        return self._swept.frame.lines_of(self._swept.shape.entries)

    @cached_property
    def batches(self) -> Ints:
        """The index of each entry's batch in `File.batches`; -1 where it is in none."""
        starts, batches = self._swept.shape.segments()
        return np.repeat(batches, np.diff(starts, append=len(self.cents)))

    @property
    def are_debits(self) -> Mask:
        debits: Mask = self.codes % 10 >= 5
        return debits


class File:
    def __init__(self, swept: Swept, issues: Issues, *, readable: bool) -> None:
        self.swept = swept
        self.issues = issues
        self.readable = readable
        shape, table = swept.shape, swept.table
        self.batch_count = len(shape.headers)
        self.entry_count = len(shape.entries)
        self.addenda_count = len(shape.addenda)
        self.debit_cents = int(table.debit_cents.sum())
        self.credit_cents = int(table.credit_cents.sum())
        self.has_control = shape.control != NONE

    def __repr__(self) -> str:
        return f"<File: {self.batch_count} batches, {self.entry_count} entries, {self.issues!r}>"

    @cached_property
    def header(self) -> FileHeader | None:
        row = self.swept.shape.header
        return None if row == NONE else FileHeader.of(self.swept.frame.text(row))

    @property
    def batches(self) -> Lazy[Batch]:
        return Lazy(range(self.batch_count), lambda index: Batch(self, index))

    @property
    def entries(self) -> Lazy[Entry]:
        return Lazy(range(self.entry_count), self.entry)

    @cached_property
    def columns(self) -> Columns:
        return Columns(self.swept)

    @property
    def returns(self) -> Lazy[Entry]:
        """Entries that came back: returned, dishonored or contested."""
        return self._of_class(
            addenda_columns.RETURN, addenda_columns.DISHONORED, addenda_columns.CONTESTED
        )

    @property
    def corrections(self) -> Lazy[Entry]:
        return self._of_class(addenda_columns.CORRECTION)

    def _of_class(self, *wanted: int) -> Lazy[Entry]:
        classes = self.swept.classes
        places: list[int] = []
        if classes is not None:
            places = np.flatnonzero(np.isin(classes, wanted)).tolist()
        return Lazy(places, self.entry)

    def entry(self, index: int) -> Entry:
        swept = self.swept
        row = int(swept.shape.entries[index])
        batch = int(np.searchsorted(swept.shape.starts, index, side="right")) - 1
        if batch >= 0 and index >= swept.shape.stops[batch]:
            batch = NONE
        record = kinds.VARIANTS[int(swept.table.variant[batch])]
        text = cut(record, swept.frame.text(row))
        # CTX counts its addenda where others begin the name, ACK names the entry it answers.
        return Entry(
            transaction_code=text["transaction_code"],
            routing=text["routing"] + text["check_digit"],
            account=text["account"].strip(),
            cents=int(swept.cents[index]),
            individual_id=text.get("individual_id", text.get("original_trace", "")).rstrip(),
            name=text["name"].rstrip(),
            discretionary=text["discretionary"].rstrip(),
            trace=text["trace"],
            line=swept.frame.line_of(row),
            batch=batch,
            addenda=self._addenda_of(index),
        )

    def _addenda_of(self, index: int) -> tuple[Addenda, ...]:
        shape, framed = self.swept.shape, self.swept.frame
        row = int(shape.entries[index])
        after = int(shape.entries[index + 1]) if index + 1 < self.entry_count else framed.count
        first, last = np.searchsorted(shape.addenda, (row, after))
        return tuple(
            Addenda(
                type_code=text[1:3],
                line=framed.line_of(int(addenda_row)),
                text=text,
                layout=addenda_columns.layout_of(text),
            )
            for addenda_row in shape.addenda[first:last]
            for text in [framed.text(int(addenda_row))]
        )


def read(
    data: bytes, *, profile: Mapping[str, str] | None = None, listed: int | None = LISTED
) -> File:
    """Reads and checks a file. `profile` turns single rules to error, warning or off.

    Raises UnknownRule for a profile that names none of ours. `listed` caps the issues listed per
    rule; their counts stay exact.
    """
    severity = severities(profile)
    framed = frame(data)
    if looks_like_ach(framed):
        findings = Findings(framed, severity, listed)
        return File(sweep(framed, findings), findings.close(), readable=True)
    nothing = frame(b"")
    findings = Findings(nothing, severity, listed)
    findings.note("F01", 1)
    silent = Findings(nothing, dict.fromkeys(severity, "off"))
    return File(sweep(nothing, silent), findings.close(), readable=False)
