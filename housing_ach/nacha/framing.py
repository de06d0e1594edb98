"""Any input becomes one (n, 94) view of bytes that remembers the line each record stood on.

A file of equally long lines is viewed where it lies; only an irregular one is copied.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.layout import WIDTH

LINE_FEED, RETURN, CTRL_Z, NINE = 0x0A, 0x0D, 0x1A, 0x39
FILLER_TYPE = ord("F")
CHUNK = 7168  # so few that lanes of 16 bits cannot overflow, and a block fits the cache
_MARK = b"\xef\xbb\xbf"
_STRAY = 0xBF  # stands for a character outside Latin-1


@dataclass(frozen=True, slots=True)
class Note:
    """Something odd about the framing: the rule, the first line it was seen on, how often."""

    rule: str
    line: int
    count: int = 1
    actual: str = ""


@dataclass
class Frame:
    flat: Bytes
    count: int
    stride: int
    types: Bytes
    lines: Ints | None = None
    notes: list[Note] = field(default_factory=list)

    @property
    def matrix(self) -> Bytes:
        return np.ndarray((self.count, WIDTH), np.uint8, self.flat.data, 0, (self.stride, 1))

    def line_of(self, row: int) -> int:
        return row + 1 if self.lines is None else int(self.lines[row])

    def lines_of(self, rows: Ints) -> Ints:
        return rows + 1 if self.lines is None else self.lines[rows]

    def text(self, row: int, start: int = 0, stop: int = WIDTH) -> str:
        at = row * self.stride
        return self.flat[at + start : at + stop].tobytes().decode("latin-1")

    def take(self, rows: Ints, room: Bytes | None = None) -> Bytes:
        """The records at `rows` as one flat run, copied (into `room`) only where they lie apart."""
        first, last = int(rows[0]), int(rows[-1])
        if last - first == len(rows) - 1:
            return self.flat[first * self.stride : (last + 1) * self.stride]
        if room is None:
            room = np.empty(len(rows) * self.stride, np.uint8)
        block = room[: len(rows) * self.stride].reshape(len(rows), self.stride)
        if self.count * self.stride > len(self.flat):  # the last line has no end
            block[:, :WIDTH] = self.matrix[rows]
        else:
            lines = self.flat.reshape(self.count, self.stride)
            lines.take(rows, axis=0, out=block, mode="clip")
        return block.reshape(-1)


def frame(data: bytes) -> Frame:
    notes: list[Note] = []
    start = 0
    if data.startswith(_MARK):
        start = len(_MARK)
        notes.append(Note("F05", 1))
    stop = len(data)
    while stop > start and data[stop - 1] in (LINE_FEED, RETURN, CTRL_Z):
        stop -= 1
    if CTRL_Z in data[stop:]:
        notes.append(Note("F06", 1 + data.count(b"\n", start, data.rfind(b"\x1a"))))
    framed = _regular(data, start, stop, notes) or _irregular(data[start:stop], notes)
    _mark_filler(framed)
    return framed


def _regular(data: bytes, start: int, stop: int, notes: list[Note]) -> Frame | None:
    separator = data[start + WIDTH : start + WIDTH + 2]
    if separator == b"\r\n":
        stride = WIDTH + 2
    elif separator[:1] in (b"\n", b"\r"):
        stride = WIDTH + 1
    else:
        stride = WIDTH
    ends = separator[: stride - WIDTH]
    count, over = divmod(stop - start + len(ends), stride)
    if over or count == 0:
        return None
    if data.startswith(ends, stop):
        stop += len(ends)
    flat = np.frombuffer(data, np.uint8)[start:stop]
    types = np.zeros(count + 1, np.uint8)
    if not _lies_regular(flat, types[:count], stride, ends):
        return None
    if count > 1 and ends in (b"", b"\r"):
        notes.append(Note("F03" if ends == b"" else "F04", 1))
    return Frame(flat, count, stride, types, notes=notes)


def _lies_regular(flat: Bytes, types: Bytes, stride: int, ends: bytes) -> bool:
    """Every separator stands where it should.

    One more inside a record is then a damaged character, for the rules to report.
    """
    if not ends and (LINE_FEED in flat or RETURN in flat):
        return False
    if not ends:
        types[:] = flat[::stride]
        return True
    last = ends[-1]
    types[0] = flat[0]
    for first in range(0, len(types) - 1, CHUNK):
        count = min(CHUNK, len(types) - 1 - first)
        # The last byte of each separator and the type of the record after it, in one look.
        view = np.ndarray((count,), "<u2", flat.data, (first + 1) * stride - 1, (stride,))
        pairs = view.astype(np.uint16)
        if (pairs.astype(np.uint8) != last).any():
            return False
        types[first + 1 : first + 1 + count] = pairs >> 8
    return all((flat[WIDTH + at :: stride] == end).all() for at, end in enumerate(ends))


def _mark_filler(framed: Frame) -> None:
    """A record is filler only if all 94 characters are 9: a count of 9xxxxx starts with 99 too."""
    nines = np.flatnonzero(framed.types[: framed.count] == NINE)
    for first in range(0, len(nines), CHUNK):
        rows = nines[first : first + CHUNK]
        filler = (framed.matrix[rows] == NINE).all(axis=1)
        framed.types[rows[filler]] = FILLER_TYPE


@dataclass
class _Cutter:
    """Cuts irregular lines into records, noting each oddity once with its count."""

    notes: list[Note]
    records: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    seen: dict[str, list[int]] = field(default_factory=dict)
    beyond: str = ""

    def keep(self, record: bytes, line: int) -> None:
        self.records.append(record.ljust(WIDTH))
        self.lines.append(line)

    def odd(self, rule: str, line: int) -> None:
        self.seen.setdefault(rule, []).append(line)

    def add(self, line: bytes, number: int) -> None:
        if len(line) == WIDTH:
            self.keep(line, number)
        elif not line.strip():
            self.odd("F09", number)
        else:
            self.bend(_narrow(line), number)

    def bend(self, line: bytes, number: int) -> None:
        if len(line) <= WIDTH:
            if len(line) < WIDTH:
                self.odd("F02", number)
            self.keep(line, number)
        elif not line[WIDTH:].strip():
            self.odd("F08", number)
            self.keep(line[:WIDTH], number)
        elif len(line) % WIDTH == 0:
            self.odd("F03", number)
            for at in range(0, len(line), WIDTH):
                self.keep(line[at : at + WIDTH], number)
        else:
            self.odd("F07", number)
            self.keep(line[:WIDTH], number)


def _narrow(line: bytes) -> bytes:
    """UTF-8 letters back to one byte each, so that the columns to their right line up."""
    if line.isascii():
        return line
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return line
    return bytes(code if (code := ord(char)) < 0x100 else _STRAY for char in text)


def _irregular(data: bytes, notes: list[Note]) -> Frame:
    cutter = _Cutter(notes)
    if b"\n" not in data and b"\r" not in data:
        for number, line in enumerate(_cut(_narrow(data)), start=1):
            cutter.add(line, number)
        if len(data) > WIDTH:
            cutter.odd("F03", 1)
    else:
        if b"\n" not in data:
            cutter.odd("F04", 1)
        for number, line in enumerate(data.splitlines(), start=1):
            cutter.add(line, number)
    notes += [Note(rule, lines[0], len(lines)) for rule, lines in cutter.seen.items()]
    flat = np.frombuffer(b"".join(cutter.records), np.uint8)
    types = np.append(flat[::WIDTH], np.uint8(0))
    lines = np.array(cutter.lines or [1], np.int64)
    return Frame(flat, len(cutter.lines), WIDTH, types, lines=lines, notes=notes)


def _cut(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), WIDTH):
        yield data[at : at + WIDTH]
