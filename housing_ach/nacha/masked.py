"""A copy of a file that people may look at: the same records, without account numbers.

Nor with the amounts of micro-entries: they are what the holder of an account has to know.
"""

from collections.abc import Iterable

import numpy as np

from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import CHUNK, Frame, frame
from housing_ach.nacha.layout import ADDENDA_98, BATCH_HEADER, ENTRY, ENTRY_OTHER, WIDTH
from housing_ach.nacha.masking import PROOF, STARS
from housing_ach.nacha.structure import looks_like_ach

_STAR, _BLANK, _SHOWN = ord("*"), 0x20, 4
_SIX, _SEVEN, _FIVE = ord("6"), ord("7"), ord("5")
_STARRED = np.frombuffer(STARS, np.uint8)


def masked_copy(data: bytes) -> bytes:
    """Same width and lines. An irregular file comes back with plain line ends.

    Where the columns cannot be trusted every digit is hidden: in a damaged record, and in what
    is no ACH file at all.
    """
    framed = frame(data)
    if not looks_like_ach(framed):
        return data.translate(STARS)
    return _masked(framed).flat.tobytes()


def masked_lines(data: bytes, lines: Iterable[int]) -> dict[int, str]:
    """Some lines of a file as people may see them; nothing of what is no ACH file."""
    framed = frame(data)
    if not looks_like_ach(framed):
        return {}
    copy = _masked(framed)
    numbers = framed.lines_of(np.arange(framed.count))
    rows = np.flatnonzero(np.isin(numbers, list(lines)))
    return {int(numbers[row]): copy.text(int(row)) for row in rows[::-1]}


def _masked(framed: Frame) -> Frame:
    copy = _writable(framed)
    types = framed.types[: framed.count]
    _hide_damaged(copy, types)
    _hide_entries(copy, np.flatnonzero(types == _SIX))
    _hide_international(copy, types)
    _hide_micro_amounts(copy, types)
    addenda = np.flatnonzero(types == _SEVEN)
    corrections = addenda[(copy.matrix[addenda, 1:3] == np.frombuffer(b"98", np.uint8)).all(axis=1)]
    _hide(copy.matrix, corrections, ADDENDA_98["corrected_data"].columns)
    return copy


def _writable(framed: Frame) -> Frame:
    if framed.lines is None and framed.stride > WIDTH:
        return Frame(framed.flat.copy(), framed.count, framed.stride, framed.types)
    lines = np.full((framed.count, WIDTH + 1), ord("\n"), np.uint8)
    lines[:, :WIDTH] = framed.matrix
    return Frame(lines.reshape(-1), framed.count, WIDTH + 1, framed.types)


def _hide_entries(copy: Frame, rows: Ints) -> None:
    for first in range(0, len(rows), CHUNK):
        _hide(copy.matrix, rows[first : first + CHUNK], ENTRY["account"].columns)


def _hide_damaged(copy: Frame, types: Bytes) -> None:
    for kind in np.unique(types):
        rows = np.flatnonzero(types == kind)
        for first in range(0, len(rows), CHUNK):
            some = rows[first : first + CHUNK]
            sound = np.full(len(some), int(kind) in PROOF)
            for columns in PROOF.get(int(kind), ()):
                digits = copy.matrix[some, columns] - np.uint8(0x30)
                sound &= (digits <= 9).sum(axis=1) >= columns.stop - columns.start - 1
            damaged = some[~sound]
            copy.matrix[damaged] = _STARRED[copy.matrix[damaged]]


def _hide_international(copy: Frame, types: Bytes) -> None:
    """IAT keeps the account where others keep id and name."""
    inside = _entries_of(copy.matrix, types, BATCH_HEADER["sec_code"].columns, b"IAT")
    for name in ("individual_id", "name"):
        _hide(copy.matrix, inside, ENTRY_OTHER[name].columns)


def _hide_micro_amounts(copy: Frame, types: Bytes) -> None:
    inside = _entries_of(copy.matrix, types, BATCH_HEADER["description"].columns, b"ACCTVERIFY")
    copy.matrix[inside, ENTRY["amount"].columns] = _STAR


def _entries_of(matrix: Bytes, types: Bytes, columns: slice, word: bytes) -> Ints:
    """Rows of the entries in batches whose header says the word there."""
    headers = np.flatnonzero(types == _FIVE)
    entries = np.flatnonzero(types == _SIX)
    said = (matrix[headers, columns] == np.frombuffer(word, np.uint8)).all(axis=1)
    if not said.any():
        return entries[:0]
    batch = np.searchsorted(headers, entries) - 1
    inside: Ints = entries[(batch >= 0) & said[batch]]
    return inside


def _hide(matrix: Bytes, rows: Ints, columns: slice) -> None:
    """All but the last four characters; all of them where there are no more than four."""
    content = matrix[rows, columns]
    filled = content != _BLANK
    behind = np.cumsum(filled[:, ::-1], axis=1)[:, ::-1]  # characters from here to the end
    short = behind[:, :1] <= _SHOWN
    content[filled & ((behind > _SHOWN) | short)] = _STAR
    matrix[rows, columns] = content
