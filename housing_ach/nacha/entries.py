"""Entries as columns: one pass over a few thousand at a time, while they lie in the cache."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from housing_ach.nacha import kinds
from housing_ach.nacha.batch_table import BatchTable
from housing_ach.nacha.block import Block, Mask, Scratch
from housing_ach.nacha.digits import Ints, Words, split, sum_of
from housing_ach.nacha.framing import CHUNK, Frame
from housing_ach.nacha.kinds import Kinds
from housing_ach.nacha.layout import Record
from housing_ach.nacha.structure import Structure

_SEVEN = ord("7")
_HUNDRED_MILLIONS = np.zeros(1 << 16, np.int64)
for _first in range(10):
    for _second in range(10):
        _HUNDRED_MILLIONS[_first | _second << 8] = (_first * 10 + _second) * 100_000_000
_IS_DEBIT = np.zeros(1 << 16, np.int64)
for _first in range(10):
    for _second in range(5, 10):  # the last digit tells, even of a code that is not known
        _IS_DEBIT[_first | _second << 8] = 1


@dataclass
class Run:
    """The entries of one block: which they are, and where in the block each batch begins."""

    index: Ints | slice
    rows: Ints
    starts: Ints
    lengths: Ints
    batches: Ints
    before: int | None  # the trace word of the entry before, when it is of the same batch


N = TypeVar("N", bound=np.generic)


class EntryBlock(Block):
    def __init__(
        self, record: Record, frame: Frame, run: Run, table: BatchTable, scratch: Scratch
    ) -> None:
        super().__init__(record, frame, run.rows, scratch)
        self.run = run
        self.table = table
        self.types = frame.types

    def any_of(self, bits: Kinds | int) -> bool:
        """Whether some entry is of a kind that `bits`, by batch or for all, name."""
        wanted = bits if isinstance(bits, int) else bits[self.run.batches]
        return bool((self.kinds_by_batch & wanted).any())

    def of_kind(self, bits: Kinds) -> Mask | None:
        """The entries of a kind their batch names in `bits`."""
        if not self.any_of(bits):
            return None
        mask: Mask = (self.kinds & self.of_batch(bits)) != 0
        return mask

    def of_batch(self, column: NDArray[N]) -> NDArray[N]:
        """A column of the batches, repeated for each entry (or once, if all share a batch)."""
        if len(self.run.batches) == 1:
            return column[self.run.batches]
        return np.repeat(column[self.run.batches], self.run.lengths)

    def pair(self, position: int) -> Ints:
        view = np.ndarray((len(self),), "<u2", self.digits.data, position - 1, (self.stride,))
        return view.astype(np.int64)

    @cached_property
    def codes(self) -> Ints:
        return self.pair(2)

    @cached_property
    def kinds(self) -> Kinds:
        return kinds.KIND_OF_CODE.take(self.codes, mode="clip")

    @cached_property
    def kinds_by_batch(self) -> Kinds:
        """Every kind that occurs in a batch, in one number: most rules need look no further."""
        found: Kinds = np.bitwise_or.reduceat(self.kinds, self.run.starts)
        return found

    @cached_property
    def routing(self) -> tuple[Words, Words]:
        words = self.words(4)
        wrong = self.misfit("routing")
        if wrong is not None:
            words[wrong] = 0
        return split(words)

    @cached_property
    def cents(self) -> Ints:
        high = self.pair(30)
        cents = self.eight(32)
        if high.any():
            cents += _HUNDRED_MILLIONS.take(high, mode="clip")
        wrong = self.misfit("amount")
        if wrong is not None:
            cents[wrong] = 0
        return cents

    @cached_property
    def trace_words(self) -> Words:
        """The last eight digits of each trace, in an order that compares like the number."""
        return self.words(87, order=">")

    @cached_property
    def misannounced(self) -> Mask | None:
        """Entries whose addenda indicator is not what follows them."""
        mask: Mask = self.column("addenda_indicator") != self.followed.view(np.uint8)
        return mask if mask.any() else None

    @cached_property
    def followed(self) -> Mask:
        """Entries that an addenda follows."""
        rows = self.rows
        if rows[-1] - rows[0] == len(rows) - 1:
            after = self.types[int(rows[0]) + 1 : int(rows[-1]) + 2]
        else:
            after = self.types.take(rows + 1)
        followed: Mask = after == _SEVEN
        return followed

    @cached_property
    def addenda_counts(self) -> Ints:
        shape = self.table.shape
        after = np.append(shape.entries, len(self.types))[1:][self.run.index]
        first = np.searchsorted(shape.addenda, self.rows)
        counts: Ints = np.searchsorted(shape.addenda, after) - first
        return counts

    def add_up(self) -> None:
        table, starts, batches = self.table, self.run.starts, self.run.batches
        odd, even = self.routing
        hashes = sum_of(np.add.reduceat(odd, starts), np.add.reduceat(even, starts))
        np.add.at(table.hash, batches, hashes)
        both = np.add.reduceat(self.cents, starts)
        debits = np.add.reduceat(self.cents * _IS_DEBIT.take(self.codes, mode="clip"), starts)
        np.add.at(table.debit_cents, batches, debits)
        np.add.at(table.credit_cents, batches, both - debits)
        wrong = self.misfit("routing", "amount", "transaction_code")
        if wrong is not None:
            table.unsure[batches] |= np.maximum.reduceat(wrong.view(np.uint8), starts)


def runs(shape: Structure, table: BatchTable) -> Iterator[tuple[Record, list[Run]]]:
    """The entries of each layout, cut into blocks."""
    starts, batches = shape.segments()
    stops = np.append(starts[1:], len(shape.entries))
    variants = table.variant[batches]
    for variant in np.unique(variants):
        chosen = variants == variant
        yield (
            kinds.VARIANTS[variant],
            list(_blocks(shape, starts[chosen], stops[chosen], batches[chosen])),
        )


def _blocks(shape: Structure, starts: Ints, stops: Ints, batches: Ints) -> Iterator[Run]:
    lengths = stops - starts
    ends = np.cumsum(lengths)
    begins = ends - lengths
    for first in range(0, int(ends[-1]), CHUNK):
        last = min(first + CHUNK, int(ends[-1]))
        low = int(np.searchsorted(ends, first, side="right"))
        high = int(np.searchsorted(begins, last))
        begin = np.maximum(begins[low:high], first)
        length = np.minimum(ends[low:high], last) - begin
        offset = starts[low:high] - begins[low:high]
        if (offset == offset[0]).all():
            index: Ints | slice = slice(first + int(offset[0]), last + int(offset[0]))
        else:
            index = np.arange(first, last) + np.repeat(offset, length)
        yield Run(index, shape.entries[index], begin - first, length, batches[low:high], None)
