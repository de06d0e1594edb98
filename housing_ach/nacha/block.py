"""A run of records of one kind, and one comparison that finds every column out of bounds.

The bounds of a record, repeated for as many records as a block holds, are subtracted from its
bytes in one pass: what is left of a digit column is the digit itself, ready to be counted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from housing_ach.nacha.digits import Bytes, Ints, Words, number_of, value_of, words_at
from housing_ach.nacha.framing import CHUNK, Frame
from housing_ach.nacha.issues import Findings
from housing_ach.nacha.layout import BLANK, HIGH, LOW, WIDTH, Field, Record

Mask = NDArray[np.bool_]
_ZERO = ord("0")
_EIGHT = 8  # digits in a word


_TILE = 2048  # records compared at a time: bytes, bounds and answer stay in the cache


@dataclass(frozen=True, slots=True)
class _Tiles:
    low: Bytes
    room: Bytes


@lru_cache(maxsize=64)
def _tiles(record: Record, stride: int) -> _Tiles:
    low, room = np.zeros(stride, np.uint8), np.full(stride, 255, np.uint8)
    low[:WIDTH] = [lowest for lowest, _ in record.bounds]
    room[:WIDTH] = [highest - lowest for lowest, highest in record.bounds]
    return _Tiles(np.tile(low, _TILE), np.tile(room, _TILE))


@dataclass
class Scratch:
    """Room for one block, used again for the next: it stays in the processor's cache."""

    digits: Bytes = field(default_factory=lambda: np.empty(CHUNK * (WIDTH + 2), np.uint8))
    records: Bytes = field(default_factory=lambda: np.empty(_TILE * (WIDTH + 2), np.uint8))
    wrong: Bytes = field(default_factory=lambda: np.empty(_TILE * (WIDTH + 2), np.uint8))


class Block:
    """At most CHUNK records. `digits` holds each byte less the lowest its column may hold."""

    def __init__(self, record: Record, frame: Frame, rows: Ints, scratch: Scratch) -> None:
        self.record = record
        self.frame = frame
        self.rows = rows
        self.stride = frame.stride
        # The last line of a file may have no end; only it can be the last of a run.
        size = min(len(rows) * self.stride, len(frame.flat) - int(rows[0]) * self.stride)
        self.digits = scratch.digits[:size]
        self._wrong = self._all_wrong() if self._compare(scratch) else None

    @cached_property
    def flat(self) -> Bytes:
        return self.frame.take(self.rows)

    def _compare(self, scratch: Scratch) -> bool:
        """Fills `digits`, and answers whether any byte is out of bounds."""
        tiles = _tiles(self.record, self.stride)
        found = False
        for first in range(0, len(self.rows), _TILE):
            flat = self.frame.take(self.rows[first : first + _TILE], scratch.records)
            start, size = first * self.stride, len(flat)
            digits, wrong = self.digits[start : start + size], scratch.wrong[:size]
            np.subtract(flat[: len(digits)], tiles.low[:size], out=digits)
            np.greater(digits, tiles.room[:size], out=wrong.view(np.bool_))
            found = found or bool(wrong.max())
        return found

    def _all_wrong(self) -> Mask:
        room = _tiles(self.record, self.stride).room[:WIDTH]
        wrong: Mask = self._columns(self.digits) > room
        return wrong

    def __len__(self) -> int:
        return len(self.rows)

    def _columns(self, flat: Bytes) -> Bytes:
        return np.ndarray((len(self.rows), WIDTH), np.uint8, flat.data, 0, (self.stride, 1))

    @property
    def bytes(self) -> Bytes:
        return self._columns(self.flat)

    def field(self, name: str) -> Bytes:
        return self.bytes[:, self.record[name].columns]

    def column(self, name: str) -> Bytes:
        """One byte of each record, less its lowest."""
        return self.digits[self.record[name].start - 1 :: self.stride]

    def number(self, name: str) -> Ints:
        where = self.record[name]
        if where.kind == "digits" and where.end >= _EIGHT and where.width <= 2 * _EIGHT:
            number = self._ending(where.end, min(where.width, _EIGHT))
            if where.width > _EIGHT:
                number += self._ending(where.end - _EIGHT, where.width - _EIGHT) * 10**_EIGHT
        else:
            number = number_of(self.field(name) & np.uint8(0x0F))
        wrong = self.misfit(name)
        if wrong is not None:
            number[wrong] = 0
        return number

    def _ending(self, end: int, width: int) -> Ints:
        """At most eight digits, the last of them at `end`."""
        words = self.words(end - _EIGHT + 1)
        words &= np.uint64((1 << 64) - (1 << 8 * (_EIGHT - width)))  # drop the bytes before
        return value_of(words).view(np.int64)

    def words(self, position: int, order: str = "<") -> Words:
        return words_at(
            self.digits, column=position - 1, count=len(self), stride=self.stride, order=order
        )

    def eight(self, position: int) -> Ints:
        return value_of(self.words(position)).view(np.int64)

    def misfit(self, *names: str) -> Mask | None:
        """Records whose named fields are out of bounds; None where the whole block is sound."""
        if self._wrong is None:
            return None
        mask = np.zeros(len(self), np.bool_)
        for name in names:
            mask |= self._wrong[:, self.record[name].columns].any(axis=1)
        return mask

    def report_misfits(self, findings: Findings) -> None:
        self._report_half_filled(findings)
        if self._wrong is None:
            return
        for where in self.record.fields:
            mask = self.misfit(where.name)
            if mask is not None and mask.any():
                self._report(where, np.flatnonzero(mask), findings)

    def _report_half_filled(self, findings: Findings) -> None:
        """Optional digits are all there or all blank."""
        for where in self.record.optional:
            rows = self.rows[half_filled(self.field(where.name))]
            findings.add(where.rule, self.record, where, rows, where.wants)

    def _report(self, where: Field, places: Ints, findings: Findings) -> None:
        content = self.bytes[places, where.columns]
        strange = ((content < LOW) | (content > HIGH)).any(axis=1)
        findings.add("F11", self.record, where, self.rows[places[strange]])
        leading = ~strange & (where.kind == "required") & (content != BLANK).any(axis=1)
        findings.add("F20", self.record, where, self.rows[places[leading]])
        plain = places[~strange & ~leading]
        findings.add(where.rule, self.record, where, self.rows[plain], where.wants)


def is_blank(content: Bytes) -> Mask:
    return _throughout(content, lambda some: some == BLANK)


def half_filled(content: Bytes) -> Mask:
    """Neither all digits nor all blank, of bytes that are no letters."""
    digits = (content >= _ZERO) & (content <= _ZERO + 9)
    if digits.all() or (content == BLANK).all():
        return np.zeros(len(content), np.bool_)
    low = content <= _ZERO + 9
    half: Mask = low.all(axis=1) & ~digits.all(axis=1) & (content != BLANK).any(axis=1)
    return half


def is_empty(content: Bytes) -> Mask:
    """Nothing but blanks and zeros."""
    return _throughout(content, lambda some: (some == BLANK) | (some == _ZERO))


def _throughout(content: Bytes, fits: Callable[[Bytes], Mask]) -> Mask:
    """The rows of which every byte fits: the first column rules most of them out."""
    mask = fits(content[:, 0])
    maybe = np.flatnonzero(mask)
    if len(maybe):
        mask[maybe] = fits(content[maybe]).all(axis=1)
    return mask
