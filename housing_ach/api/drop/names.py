"""What a dropped file may be called, and what its name says of it."""

import re
from enum import Enum

from housing_ach.shared.problems import Refusal

LONGEST = 100
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.(csv|ach)")
UNFINISHED = (".part", ".tmp", ".filepart")
ACK = ".ack"
PARTIAL = ".partial"


class Kind(Enum):
    CSV = "csv"
    NACHA = "ach"


class BadName(Refusal):
    """No file of this name is taken."""


def is_final(name: str) -> bool:
    return len(name) <= LONGEST and NAME.fullmatch(name) is not None


def is_unfinished(name: str) -> bool:
    """A name under which a file may grow; it counts once it has its final one."""
    stem = next((name.removesuffix(end) for end in UNFINISHED if name.endswith(end)), "")
    return is_final(stem)


def require_final(name: str) -> None:
    """Raises BadName."""
    if not is_final(name):
        raise BadName(
            "name: letters, digits, dots, dashes, at most 100, ending in .csv or .ach", field="name"
        )


def kind_of(name: str) -> Kind:
    return Kind(name.rpartition(".")[2])


def is_partial(name: str) -> bool:
    """Whether the rows that can be taken are wanted where others are refused."""
    return name.rpartition(".")[0].endswith(PARTIAL)
