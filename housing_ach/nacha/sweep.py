"""One pass over a framed file: every rule, the totals, and the columns worth keeping."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from housing_ach.nacha import entries, kinds
from housing_ach.nacha.addenda_rules import check_addenda, check_classes
from housing_ach.nacha.batch_table import BatchTable, table_of
from housing_ach.nacha.block import Mask, Scratch
from housing_ach.nacha.control_rules import check_controls
from housing_ach.nacha.digits import Bytes, Ints, Words, value_of, words_at
from housing_ach.nacha.entries import EntryBlock
from housing_ach.nacha.entry_rules import ENTRY_CHECKS
from housing_ach.nacha.framing import CHUNK, Frame
from housing_ach.nacha.header_rules import BATCH_CHECKS, check_file_header
from housing_ach.nacha.issues import Findings
from housing_ach.nacha.layout import ENTRY, Record
from housing_ach.nacha.structure import Structure, check_order, structure_of

_ZEROS = np.uint64(0x3030303030303030)
_TEN_MILLIONS = 10**7


@dataclass
class Swept:
    """What a file holds, in columns. `classes` is None where no entry is a return or correction."""

    frame: Frame
    shape: Structure
    table: BatchTable
    cents: Ints
    kinds_seen: int = 0
    classes: Bytes | None = None


def sweep(frame: Frame, findings: Findings) -> Swept:
    scratch = Scratch()
    swept = sweep_body(frame, findings, scratch)
    check_controls(frame, swept.table, findings, scratch)
    return swept


def sweep_body(frame: Frame, findings: Findings, scratch: Scratch) -> Swept:
    """All but the controls: a writer fills those from what is added up here."""
    shape = structure_of(frame)
    check_order(frame, shape, findings)
    check_file_header(frame, shape, findings, scratch)
    table = table_of(frame, shape, scratch, lambda block: BATCH_CHECKS.run(block, findings))
    count = len(shape.entries)
    swept = Swept(frame, shape, table, np.empty(count, np.int64))
    spans = _Spans(len(shape.headers))
    for record, runs in entries.runs(shape, table):
        for block in _entry_blocks(swept, record, runs, scratch):
            ENTRY_CHECKS.run(block, findings)
            block.add_up()
            spans.take_in(block)
            swept.cents[block.run.index] = block.cents
            swept.kinds_seen |= int(np.bitwise_or.reduce(block.kinds_by_batch))
    if findings.watches("E18") and spans.overlap():
        _check_repeats(swept, findings)
    swept.classes = check_addenda(frame, table, findings)
    if swept.classes is not None or swept.kinds_seen & kinds.RETURNS:
        check_classes(frame, table, swept.classes, findings)
    return swept


class _Spans:
    """The lowest and highest trace of each batch: apart from each other, nothing repeats."""

    def __init__(self, batches: int) -> None:
        self.low = np.full(batches + 1, np.iinfo(np.uint64).max, np.uint64)
        self.high = np.zeros(batches + 1, np.uint64)

    def take_in(self, block: EntryBlock) -> None:
        words, run = block.trace_words, block.run
        np.minimum.at(self.low, run.batches, np.minimum.reduceat(words, run.starts))
        np.maximum.at(self.high, run.batches, np.maximum.reduceat(words, run.starts))

    def overlap(self) -> bool:
        used = self.low <= self.high
        low, high = self.low[used], self.high[used]
        order = np.argsort(low)
        return bool((low[order][1:] <= high[order][:-1]).any())


def _entry_blocks(
    swept: Swept, record: Record, runs: list[entries.Run], scratch: Scratch
) -> Iterator[EntryBlock]:
    last_batch, last_word = None, 0
    for run in runs:
        run.before = last_word if run.batches[0] == last_batch else None
        block = EntryBlock(record, swept.frame, run, swept.table, scratch)
        yield block
        last_batch, last_word = run.batches[-1], int(block.trace_words[-1])


def trace_numbers(frame: Frame, rows: Ints) -> Ints:
    """Fifteen-digit trace numbers; 0 where one is not numeric."""
    traces = np.empty(len(rows), np.int64)
    for first in range(0, len(rows), CHUNK):
        some = rows[first : first + CHUNK]
        count, stride = len(some), frame.stride
        flat = frame.take(some)
        start = ENTRY["trace"].start - 1
        upper = words_at(flat, column=start, count=count, stride=stride)
        lower = words_at(flat, column=start + 7, count=count, stride=stride)
        numbers = _number(upper) * _TEN_MILLIONS + _number(lower) % _TEN_MILLIONS
        numbers[~(_numeric(upper) & _numeric(lower))] = 0
        traces[first : first + count] = numbers
    return traces


def _number(words: Words) -> Ints:
    return value_of(words - _ZEROS).view(np.int64)


def _numeric(words: Words) -> Mask:
    digits = words.view(np.uint8).reshape(-1, 8) - np.uint8(0x30)
    numeric: Mask = np.less_equal(digits, 9).all(axis=1)
    return numeric


def _check_repeats(swept: Swept, findings: Findings) -> None:
    """The same trace in two batches; within one batch the ascending rule has reported it."""
    shape = swept.shape
    traces = trace_numbers(swept.frame, shape.entries)
    order = np.argsort(traces, kind="stable")
    same = (traces[order][1:] == traces[order][:-1]) & (traces[order][1:] > 0)
    starts, _ = shape.segments()
    segment = np.searchsorted(starts, order, side="right")
    repeated = order[1:][same & (segment[1:] != segment[:-1])]
    findings.add("E18", ENTRY, ENTRY["trace"], shape.entries[np.sort(repeated)])
