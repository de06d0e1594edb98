"""Values into columns. What does not fit is reported, never cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from housing_ach.nacha.digits import Bytes, Ints, spell
from housing_ach.nacha.framing import CHUNK
from housing_ach.nacha.layout import BLANK, ENTRY, Record
from housing_ach.nacha.masking import mask_account

_STRAY, _DIGIT_ZERO = 0xBF, 0x30


@dataclass(frozen=True, slots=True)
class RowError:
    """`batch` and `row` count from 0 in the spec; None where the fault is the file's or header's."""

    batch: int | None
    row: int | None
    field: str
    reason: str

    def __str__(self) -> str:
        where = "file" if self.batch is None else f"batch {self.batch}"
        if self.row is not None:
            where += f", row {self.row}"
        return f"{where}, {self.field}: {self.reason}"


@dataclass
class Faults:
    """Errors of values that have no room; the rules find the rest in what was rendered."""

    errors: list[RowError] = field(default_factory=list)

    def too_long(
        self, place: tuple[int | None, int | None], name: str, text: str, width: int
    ) -> None:
        shown = mask_account(text) if name in ("account", "corrected_data") else text
        self.errors.append(
            RowError(*place, name, f"'{shown}' has {len(text)} characters, room is for {width}")
        )

    def out_of_range(self, place: tuple[int | None, int | None], name: str, number: int) -> None:
        self.errors.append(RowError(*place, name, f"{number} does not fit the field"))


def line_of(
    record: Record, values: Mapping[str, str], place: tuple[int | None, int | None], faults: Faults
) -> bytes:
    """One record from text values; fixed fields fill themselves, absent ones are blank."""
    parts = []
    for where in record.fields:
        text = where.text if where.kind == "fixed" else values.get(where.name, "")
        if len(text) > where.width:
            faults.too_long(place, where.name, text, where.width)
        parts.append(text[: where.width].ljust(where.width))
    return bytes(ord(char) if ord(char) < 0x100 else _STRAY for char in "".join(parts))


def number_text(number: int, width: int) -> str:
    """Zero-filled; a number with no room stays longer than its field, and is reported there."""
    return f"{number:0{width}d}"


def as_bytes(texts: NDArray[np.generic]) -> NDArray[np.bytes_]:
    """Text as one byte a character; one outside Latin-1 becomes a byte the rules refuse."""
    if texts.dtype.kind == "S":
        return texts.astype(np.bytes_, copy=False)
    wide = np.ascontiguousarray(texts).view(np.uint32).reshape(len(texts), -1)
    narrow = np.where(wide > 0xFF, _STRAY, wide).astype(np.uint8)
    return narrow.view(f"S{narrow.shape[1]}").reshape(-1)


def spelled(numbers: Ints, width: int) -> tuple[Bytes, NDArray[np.bool_]]:
    """Zero-filled digits, and where there is no room for them: those are rendered as `?`."""
    unfit = (numbers < 0) | (numbers >= 10**width)
    if not unfit.any():
        return spell(numbers, width), unfit
    digits = spell(np.where(unfit, 0, numbers), width)
    digits[unfit] = ord("?")
    return digits, unfit


class EntryCanvas:
    """Room for a few thousand entries at a time, laid out by the table."""

    def __init__(self, stride: int) -> None:
        self.stride = stride
        self._template = np.full(stride, BLANK, np.uint8)
        self._template[:1] = ord("6")
        self._flat = np.empty(CHUNK * stride, np.uint8)
        self._nul = np.empty(CHUNK * stride, np.uint8)

    def fill(self, columns: Mapping[str, NDArray[np.generic]], indicator: Bytes) -> Bytes:
        """The (rows, stride) block; valid until the next call."""
        count = len(indicator)
        self.block = self._flat[: count * self.stride].reshape(count, self.stride)
        self.block[:] = self._template
        for name, column in columns.items():
            self._put(name, column)
        self.block[:, ENTRY["addenda_indicator"].start - 1] = indicator + _DIGIT_ZERO
        flat = self.block.reshape(-1)
        nul = self._nul[: len(flat)]
        np.equal(flat, 0, out=nul.view(np.bool_))  # what pads short text becomes blank
        np.left_shift(nul, 5, out=nul)
        np.bitwise_or(flat, nul, out=flat)
        return self.block

    def _put(self, name: str, column: NDArray[np.generic]) -> None:
        start, width = span_of(name)
        if column.dtype.kind != "S":
            self.block[:, start : start + width] = column.view(np.uint8).reshape(-1, width)
            return
        count = len(column)
        view = np.ndarray((count,), f"S{width}", self.block.reshape(-1).data, start, (self.stride,))
        view[:] = column


def span_of(name: str) -> tuple[int, int]:
    """Where a column of a spec goes: routing brings its check digit along."""
    where = ENTRY["amount" if name == "cents" else name]
    return where.start - 1, where.width + (name == "routing")


def too_long(column: NDArray[np.bytes_], width: int) -> Ints:
    """The items that have characters beyond `width`."""
    size = column.dtype.itemsize
    if size <= width or len(column) == 0:
        return np.zeros(0, np.int64)
    wide = np.ascontiguousarray(column).view(np.uint8).reshape(len(column), size)
    found: Ints = np.flatnonzero(wide[:, width:].any(axis=1))
    return found
