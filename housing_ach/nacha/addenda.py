"""Addenda as columns, each beside the entry it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from housing_ach.nacha.batch_table import BatchTable
from housing_ach.nacha.block import Block, Scratch
from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import CHUNK, Frame
from housing_ach.nacha.layout import (
    ADDENDA_05,
    ADDENDA_98,
    ADDENDA_98_REFUSED,
    ADDENDA_99,
    ADDENDA_99_CONTESTED,
    ADDENDA_99_DISHONORED,
    ADDENDA_OTHER,
    Record,
)
from housing_ach.nacha.structure import NONE

FORWARD, RETURN, DISHONORED, CONTESTED, CORRECTION = range(5)
LAYOUTS: tuple[Record, ...] = (
    ADDENDA_05,
    ADDENDA_98,
    ADDENDA_98_REFUSED,
    ADDENDA_99,
    ADDENDA_99_DISHONORED,
    ADDENDA_99_CONTESTED,
    ADDENDA_OTHER,
)
CLASS_OF_LAYOUT = (FORWARD, CORRECTION, CORRECTION, RETURN, DISHONORED, CONTESTED, FORWARD)
_05, _98, _REFUSED, _99, _DISHONORED, _CONTESTED, _OTHER = range(7)


def layout_of(line: str) -> Record:
    """Which layout an addenda has: the code in 4-6 decides, not the type alone."""
    head = np.frombuffer(line[1:6].encode("latin-1", "replace"), np.uint8).reshape(1, 5)
    return LAYOUTS[int(_layouts(head)[0])]


def _layouts(heads: Bytes) -> Ints:
    """From columns 2 to 6: the type and the code."""
    kind = heads[:, 0].astype(np.int64) << 8 | heads[:, 1]
    code = (heads[:, 3].astype(np.int64) - 0x30) * 10 + heads[:, 4] - 0x30
    layout = np.full(len(heads), _OTHER)
    layout[kind == _word(b"05")] = _05
    correction, returned = kind == _word(b"98"), kind == _word(b"99")
    layout[correction] = _98
    layout[correction & (heads[:, 2] == ord("C")) & (code >= 61) & (code <= 69)] = _REFUSED
    layout[returned] = _99
    returned &= heads[:, 2] == ord("R")
    layout[returned & (code >= 61) & (code <= 70)] = _DISHONORED
    layout[returned & (code >= 71) & (code <= 77)] = _CONTESTED
    return layout


def _word(text: bytes) -> int:
    return int.from_bytes(text, "big")


@dataclass
class Place:
    """Where addenda belong: their batch, their entry, and the how-manieth of it each is."""

    batches: Ints
    parents: Ints
    order: Ints


class AddendaBlock(Block):
    def __init__(
        self, record: Record, frame: Frame, rows: Ints, place: Place, table: BatchTable
    ) -> None:
        super().__init__(record, frame, rows, Scratch())
        self.place = place
        self.table = table
        self.of_class = CLASS_OF_LAYOUT[LAYOUTS.index(record)]
        self.parent_bytes = frame.matrix[table.shape.entries[place.parents]]


def placed(table: BatchTable, first: int, last: int) -> tuple[Place, Ints, Ints]:
    """The places of addenda `first` to `last`; which of them have one; which lack an entry."""
    shape = table.shape
    rows = shape.addenda[first:last]
    batches = np.searchsorted(shape.headers, rows) - 1
    parents = np.searchsorted(shape.entries, rows) - 1
    inside = rows < np.append(shape.ends, NONE)[batches]
    orphan = inside & (parents < np.append(shape.starts, 0)[batches])
    held = np.flatnonzero(inside & ~orphan)
    parents = parents[held]
    order = first + held - np.searchsorted(shape.addenda, shape.entries[parents])
    place = Place(batches[held], parents, order)
    return place, held, np.flatnonzero(orphan)


def blocks(frame: Frame, table: BatchTable, place: Place, rows: Ints) -> Iterator[AddendaBlock]:
    layouts = _layouts(frame.matrix[rows, 1:6])
    for layout in np.unique(layouts):
        chosen = np.flatnonzero(layouts == layout)
        of_layout = Place(place.batches[chosen], place.parents[chosen], place.order[chosen])
        yield AddendaBlock(LAYOUTS[layout], frame, rows[chosen], of_layout, table)


def chunks(table: BatchTable) -> Iterator[tuple[int, int]]:
    count = len(table.shape.addenda)
    for first in range(0, count, CHUNK):
        yield first, min(first + CHUNK, count)


def classes(table: BatchTable, found: list[tuple[Ints, int]]) -> Bytes:
    """Each entry as forward, return, dishonored, contested or correction."""
    entry_class = np.zeros(len(table.shape.entries), np.uint8)
    for parents, of_class in found:
        entry_class[parents] = of_class
    return entry_class
