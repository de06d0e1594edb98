"""What others hand to the ledger: drafts of journals, with accounts named by what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Key(NamedTuple):
    """One account. `party` is "tenant:12", "property:3" or "batch:7"; lease 0 means none."""

    fund_id: int
    number: str
    party: str = ""
    lease: int = 0


class Line(NamedTuple):
    """Cents from the credited to the debited account; `reference` is unique in all the books."""

    debit: Key
    credit: Key
    cents: int
    reference: str


@dataclass(frozen=True)
class Draft:
    """A journal to be posted; `subject` and `subject_id` say what it is about.

    A fact (the bank's word, and what follows from it) happened whether or not the books of its day
    are still open: where they are closed, it is posted on the first day that is open.
    """

    kind: str
    fund_id: int
    effective_on: date
    subject: str
    subject_id: int | str
    lines: Sequence[Line]
    reverses_id: int | None = None
    is_fact: bool = False
