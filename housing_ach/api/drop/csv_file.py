"""CSV files: a header, a row for each debit, and the control row (docs/file-drop.md)."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from housing_ach.api.drop.reading import Checker, Contents, Fault, Row, Unusable
from housing_ach.api.serializers.money import (
    LONG_NUMBER,
    METADATA_KEY,
    MOST_ITEMS,
    ItemSerializer,
)

CONTROL = "#control"
METADATA = "metadata."
FIELDS: dict[str, Any] = dict(ItemSerializer().fields)
COLUMNS = tuple(name for name in FIELDS if name != "metadata")
REQUIRED = tuple(name for name, field in FIELDS.items() if field.required)
WHOLE = re.compile(r"[0-9]{1,15}")
MARK = "\ufeff"


def read(content: bytes) -> Contents:
    """Raises Unusable."""
    lines = _lines(content)
    header, control = lines[0][1], lines[-1][1]
    count, total = _promised(control)
    names = _columns(header)
    body = lines[1:-1]
    if len(body) > MOST_ITEMS:
        raise _unusable("too_many_rows", f"There are {len(body)} rows; at most {MOST_ITEMS} go.")
    if len(body) != count:
        raise _unusable("control_count", f"The control row says {count}, there are {len(body)}.")
    if not body:
        raise _unusable("empty", "There is no row between the header and the control row.")
    checker = Checker()
    contents = Contents([_row(checker, number, cells, names) for number, cells in body])
    if contents.is_certain and contents.cents != total:
        words = f"The control row says {total} cents, the rows add up to {contents.cents}."
        raise _unusable("control_total", words)
    return contents


def _unusable(code: str, message: str, line: int = 0) -> Unusable:
    return Unusable(Fault(code, message, line=line))


def _lines(content: bytes) -> list[tuple[int, list[str]]]:
    """Each record with the number of its last line; a header and the control row at least."""
    try:
        text = content.decode().removeprefix(MARK)
    except UnicodeDecodeError as problem:
        raise _unusable("encoding", f"Byte {problem.start} is not UTF-8.") from None
    if "\0" in text:
        raise _unusable("encoding", "The file holds a zero byte.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        raise _unusable("quotes", "A quote is not closed.", reader.line_num) from None
    while lines and not lines[-1][1]:
        lines.pop()
    if len(lines) < 2 or lines[-1][1][:1] != [CONTROL]:
        raise _unusable("truncated", f"The last line is not the control row `{CONTROL}`.")
    return lines


def _promised(cells: Sequence[str]) -> tuple[int, int]:
    if len(cells) != 3 or not all(WHOLE.fullmatch(cell) for cell in cells[1:]):
        raise _unusable("control", f"The control row is `{CONTROL},count,total_cents`.")
    return int(cells[1]), int(cells[2])


def _columns(header: Sequence[str]) -> list[str]:
    """What stands in a place that is no known column is not told again."""
    names = [cell.strip() for cell in header]
    faults = [
        Fault("unknown_column", f"Column {number} is not known.", line=1)
        for number, name in enumerate(names, start=1)
        if name not in COLUMNS and not _is_metadata(name)
    ]
    faults += [
        Fault("missing_column", f"Column {name} is missing.", line=1)
        for name in REQUIRED
        if name not in names
    ]
    if not faults and len(set(names)) < len(names):
        faults = [Fault("repeated_column", "A column is there twice.", line=1)]
    if faults:
        raise Unusable(*faults)
    return names


def _is_metadata(name: str) -> bool:
    key = name.removeprefix(METADATA)
    return key not in {"", name} and len(key) <= METADATA_KEY and not LONG_NUMBER.search(key)


def _row(checker: Checker, number: int, cells: Sequence[str], names: Sequence[str]) -> Row:
    if len(cells) != len(names):
        words = f"The row has {len(cells)} cells, the header {len(names)}."
        return Row(number, "", None, faults=(Fault("cells", words, line=number),))
    filled = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()}
    return checker.row(number, _values(filled))


def _values(filled: Mapping[str, str]) -> dict[str, Any]:
    """As a JSON body would have them: cents a number, metadata an object."""
    values: dict[str, Any] = {
        name: cell for name, cell in filled.items() if not name.startswith(METADATA)
    }
    if WHOLE.fullmatch(filled.get("amount", "")):
        values["amount"] = int(filled["amount"])
    metadata = {
        name.removeprefix(METADATA): cell
        for name, cell in filled.items()
        if name.startswith(METADATA)
    }
    return values | ({"metadata": metadata} if metadata else {})
