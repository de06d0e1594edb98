"""The ack of a dropped file: what became of it, and of each of its rows (docs/file-drop.md)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from housing_ach.api.drop.reading import Fault, Row
from housing_ach.api.models import DroppedFile
from housing_ach.api.states import DropStatus

VERSION = 1
COLUMNS = ("line", "external_id", "fate", "order", "pointer", "code", "message")


class Fate(Enum):
    """KNOWN was asked for before, with the same content: there is that one order."""

    ACCEPTED = "ACCEPTED"
    KNOWN = "KNOWN"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class Outcome:
    """Of one row."""

    row: Row
    fate: Fate
    order_id: int | None = None
    faults: Sequence[Fault] = ()


@dataclass(frozen=True)
class Answer:
    """`faults` are of the file as a whole; then no row has an outcome."""

    status: DropStatus
    outcomes: Sequence[Outcome] = ()
    faults: Sequence[Fault] = ()
    batch_id: int | None = None


def ack(file: DroppedFile, answer: Answer) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerows(_head(file, answer))
    lines.writerow(COLUMNS)
    lines.writerows(_whole(answer.faults))
    lines.writerows(_line(outcome) for outcome in answer.outcomes)
    return text.getvalue()


def _head(file: DroppedFile, answer: Answer) -> list[tuple[object, ...]]:
    outcomes = answer.outcomes
    head: list[tuple[object, ...]] = [
        ("#ack", VERSION),
        ("#file", file.name),
        ("#sha256", file.sha256),
        ("#status", answer.status.value),
        ("#batch", answer.batch_id or ""),
        ("#rows", len(outcomes), _cents(outcomes)),
    ]
    for fate in Fate:
        mine = [outcome for outcome in outcomes if outcome.fate == fate]
        head.append((f"#{fate.value.lower()}", len(mine), _cents(mine)))
    return head


def _cents(outcomes: Iterable[Outcome]) -> int:
    return sum(outcome.row.cents or 0 for outcome in outcomes)


def _whole(faults: Iterable[Fault]) -> Iterable[tuple[object, ...]]:
    for fault in faults:
        yield fault.line, "", Fate.REFUSED.value, "", fault.pointer, fault.code, fault.message


def _line(outcome: Outcome) -> tuple[object, ...]:
    """The first fault of the row with its field; others are told in the message."""
    row, (first, *others) = outcome.row, outcome.faults or (Fault("", ""),)
    also = [f"Also {fault.pointer or 'the row'}: {fault.message}" for fault in others]
    return (
        *(row.line, row.external_id, outcome.fate.value, outcome.order_id or ""),
        *(first.pointer, first.code, " ".join([first.message, *also])),
    )
