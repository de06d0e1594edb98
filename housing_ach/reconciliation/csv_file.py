"""A header, a row for each line, and a control row where there is one (docs/reconciliation.md)."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from housing_ach.reconciliation.claims import (
    FIELDS,
    NAMES,
    Claim,
    Collector,
    Control,
    Fault,
    Unreadable,
)
from housing_ach.reconciliation.json_lines import text_of

CONTROL = "#control"
NEEDED = ("amount", "status", "on")
WHOLE = re.compile(r"[0-9]{1,15}")


def read(content: bytes) -> Sequence[Claim]:
    """Raises Unreadable."""
    found, control = Collector(), None
    rows = _rows(text_of(content))
    names = _columns(next(rows, (1, []))[1])
    for number, cells in rows:
        if control:
            found.fault(number, "", "Stands after the control.")
            break
        if cells[:1] == [CONTROL]:
            control = _control(found, number, cells)
        elif len(cells) != len(names):
            found.fault(number, "", f"Has {len(cells)} cells, the header {len(names)}.")
        else:
            found.take(number, _given(names, cells))
    return found.done(control)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each with the number of its first line, which is its own but where a quote holds a line's end."""
    if "\0" in text:
        raise Unreadable([Fault(0, "", "Holds a zero byte.")])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1
    except csv.Error:
        raise Unreadable([Fault(number, "", "A quote is not closed.")]) from None


def _columns(header: Sequence[str]) -> Sequence[str]:
    faults = [
        Fault(1, "", f"Column {place} is not known; there are {', '.join(FIELDS)}.")
        for place, name in enumerate(header, start=1)
        if name not in FIELDS
    ]
    faults += [Fault(1, name, "Column is missing.") for name in NEEDED if name not in header]
    if not set(NAMES) & set(header):
        faults.append(Fault(1, "trace", f"One of {', '.join(NAMES)} is needed."))
    if len(set(header)) < len(header):
        faults.append(Fault(1, "", "A column is there twice."))
    if faults:
        raise Unreadable(faults)
    return header


def _given(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    if WHOLE.fullmatch(given.get("amount", "")):
        given["amount"] = int(given["amount"])
    return given


def _control(found: Collector, number: int, cells: Sequence[str]) -> Control | None:
    if len(cells) == 3 and all(WHOLE.fullmatch(cell) for cell in cells[1:]):
        return Control(number, int(cells[1]), int(cells[2]))
    found.fault(number, "control", f"Is {CONTROL},count,total_cents.")
    return None
