"""Which record belongs to what: batches as ranges of entries, and the order of records."""

from dataclasses import dataclass

import numpy as np

from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import FILLER_TYPE, Frame
from housing_ach.nacha.issues import Findings
from housing_ach.nacha.layout import (
    ADDENDA_OTHER,
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING,
    ENTRY,
    FILE_HEADER,
    FILLER,
    UNKNOWN,
)

NONE = -1
_ONE, _FIVE, _SIX, _SEVEN, _EIGHT, _NINE = (ord(char) for char in "156789")
_KNOWN = np.zeros(256, np.bool_)
_KNOWN[[_ONE, _FIVE, _SIX, _SEVEN, _EIGHT, _NINE, FILLER_TYPE]] = True


@dataclass
class Structure:
    """Rows are rows of the matrix. A batch runs from its header to the next 5, 8 or 9."""

    types: Bytes
    header: int
    control: int
    headers: Ints
    ends: Ints
    controls: Ints
    entries: Ints
    addenda: Ints
    starts: Ints  # first entry of each batch, counted in entries
    stops: Ints  # one past its last
    others: Ints  # rows that are neither entry nor addenda

    @property
    def addenda_counts(self) -> Ints:
        found: Ints = np.searchsorted(self.addenda, self.ends) - np.searchsorted(
            self.addenda, self.headers
        )
        return found

    def segments(self) -> tuple[Ints, Ints]:
        """Runs of entries of one batch: where each starts, and its batch (-1: in none)."""
        marks = np.stack((self.starts, self.stops), axis=1).reshape(-1)
        starts = np.concatenate(([0], marks)).astype(np.int64)
        batches = np.full(len(starts), NONE, np.int64)
        batches[1::2] = np.arange(len(self.starts))
        lengths = np.diff(np.append(starts, len(self.entries)))
        return starts[lengths > 0], batches[lengths > 0]


def structure_of(frame: Frame) -> Structure:
    types = frame.types[: frame.count]
    is_entry, is_addenda = types == _SIX, types == _SEVEN
    entries, addenda = np.flatnonzero(is_entry), np.flatnonzero(is_addenda)
    others = np.flatnonzero(~(is_entry | is_addenda))
    kinds = types[others]
    headers, nines, ones = (others[kinds == kind] for kind in (_FIVE, _NINE, _ONE))
    enders = others[(kinds == _FIVE) | (kinds == _EIGHT) | (kinds == _NINE)]
    after = np.searchsorted(enders, headers, side="right")
    ends = np.append(enders, frame.count)[after]
    controls = np.where(frame.types[ends] == _EIGHT, ends, NONE)
    return Structure(
        types=frame.types,
        header=int(ones[0]) if len(ones) else NONE,
        control=int(nines[0]) if len(nines) else NONE,
        headers=headers,
        ends=ends,
        controls=controls,
        entries=entries,
        addenda=addenda,
        starts=np.searchsorted(entries, headers),
        stops=np.searchsorted(entries, ends),
        others=others,
    )


def looks_like_ach(frame: Frame) -> bool:
    known = int(np.count_nonzero(_KNOWN.take(frame.types[: frame.count])))
    return frame.count > 0 and known * 2 >= frame.count


def check_order(frame: Frame, shape: Structure, findings: Findings) -> None:
    for note in frame.notes:
        findings.note(note.rule, note.line, count=note.count)
    _check_ends(frame, shape, findings)
    _check_batches(shape, findings)
    _check_strays(frame, shape, findings)


def _check_ends(frame: Frame, shape: Structure, findings: Findings) -> None:
    last = _last_record(frame, shape)
    if shape.header == NONE:
        findings.note("F13", frame.line_of(0), record="file_header")
    if shape.control == NONE:
        findings.note("F14", frame.line_of(last) + 1, record="file_control")
    if len(shape.headers) == 0:
        findings.note("F15", frame.line_of(min(1, last)), record="batch_header")
    if frame.count % BLOCKING:
        findings.note("F17", frame.line_of(frame.count - 1), record="filler")


def _last_record(frame: Frame, shape: Structure) -> int:
    """The last row that is no filler."""
    filler = shape.others[frame.types[shape.others] == FILLER_TYPE]
    last = frame.count - 1
    for row in filler[::-1]:
        if row != last:
            break
        last -= 1
    return max(last, 0)


def _check_batches(shape: Structure, findings: Findings) -> None:
    open_ended = shape.headers[shape.controls == NONE]
    findings.add("C01", BATCH_HEADER, BATCH_HEADER["record_type"], open_ended)
    empty = shape.headers[shape.starts == shape.stops]
    findings.add("B16", BATCH_HEADER, BATCH_HEADER["record_type"], empty)


def _check_strays(frame: Frame, shape: Structure, findings: Findings) -> None:
    """Records before the file control that stand where their type may not, and any after it."""
    stop = shape.control if shape.control != NONE else frame.count
    rows, kinds = shape.others, frame.types[shape.others]
    unknown = rows[~_KNOWN.take(kinds)]
    findings.add("F10", UNKNOWN, UNKNOWN["record_type"], unknown, "1, 5, 6, 7, 8 or 9")

    early = rows < stop
    misplaced = rows[early & (kinds == _ONE) & (rows > 0)]
    findings.add("F12", FILE_HEADER, FILE_HEADER["record_type"], misplaced)
    closing = np.zeros(len(rows), np.bool_)
    closing[np.searchsorted(rows, shape.controls[shape.controls != NONE])] = True
    loose = rows[early & (kinds == _EIGHT) & ~closing]
    findings.add("F12", BATCH_CONTROL, BATCH_CONTROL["record_type"], loose)
    filler = rows[early & (kinds == FILLER_TYPE) & (rows < _last_record(frame, shape))]
    findings.add("F12", FILLER, FILLER["filler"], filler)
    outside = _outside(shape.entries, shape.starts, shape.stops, stop)
    findings.add("F12", ENTRY, ENTRY["record_type"], outside, "a batch header before it")
    firsts, lasts = (np.searchsorted(shape.addenda, rows) for rows in (shape.headers, shape.ends))
    orphans = _outside(shape.addenda, firsts, lasts, stop)
    findings.add("A01", ADDENDA_OTHER, ADDENDA_OTHER["record_type"], orphans)

    late = np.flatnonzero(frame.types[stop + 1 : frame.count] != FILLER_TYPE) + stop + 1
    findings.add("F18", UNKNOWN, UNKNOWN["record_type"], late, "nothing but filler")


def _outside(rows: Ints, firsts: Ints, lasts: Ints, stop: int) -> Ints:
    """Entries or addenda before `stop` that no batch holds; `firsts` to `lasts` are held."""
    held = int((lasts - firsts).sum())
    until = int(np.searchsorted(rows, stop))
    if held == until:
        return rows[:0]
    inside = np.zeros(len(rows) + 1, np.int64)
    np.add.at(inside, firsts, 1)
    np.add.at(inside, lasts, -1)
    outside: Ints = rows[:until][np.cumsum(inside[:until]) == 0]
    return outside
