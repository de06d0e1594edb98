"""What a file says, whichever way it is written: every line checked, or nothing of it used.

No message repeats what a line holds: it may stand in the wrong field, and be an account number.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar

from housing_ach.nacha import RETURN_CODES
from housing_ach.reconciliation.states import NamedBy, Said
from housing_ach.shared.problems import Refusal

MOST_FAULTS = 100
MOST_CENTS = 10**15
NAMES = {
    "trace": (NamedBy.TRACE, re.compile(r"[0-9]{15}"), "15 digits"),
    "payment": (NamedBy.PAYMENT, re.compile(r"[0-9]{1,18}"), "the id of a payment"),
    "external_id": (NamedBy.EXTERNAL_ID, re.compile(r"[A-Za-z0-9._:-]{1,60}"), "an external id"),
}
FIELDS = (*NAMES, "amount", "status", "code", "on")
STATUSES = {said.lower(): said for said in Said}
CODES = {code for code, known in RETURN_CODES.items() if known.kind == "RETURN"}
DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")

Value = TypeVar("Value")


class Fault(NamedTuple):
    """`line` 0 is about the file as a whole."""

    line: int
    field: str
    message: str


class Unreadable(Refusal):
    """Nothing of the file may be used; says why, line by line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(f"file: {len(self.faults)} faults", field="file")


class Claim(NamedTuple):
    """`rdfi` is the receiving bank's, where the file names it."""

    line: int
    named_by: str
    name: str
    said: str
    code: str
    cents: int
    on: date
    rdfi: str = ""


class Control(NamedTuple):
    """What a file says it is itself."""

    line: int
    lines: int
    cents: int


@dataclass
class Collector:
    """Line after line; raises what is wrong with all of them at the end."""

    claims: list[Claim] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def fault(self, line: int, name: str, message: str) -> None:
        self.faults.append(Fault(line, name, message))

    def take(self, line: int, given: Mapping[str, Any]) -> None:
        before = len(self.faults)
        if set(given) - set(FIELDS):
            self.fault(line, "", f"A field is not known; there are {', '.join(FIELDS)}.")
        named_by, name = self._name(line, given)
        said = self._text(line, given, "status", lambda text: STATUSES[text])
        cents, on = self._cents(line, given), self._text(line, given, "on", _day)
        code = self._code(line, given, said)
        if len(self.faults) == before and said and on:
            self.put(Claim(line, named_by, name, said, code, cents, on))

    def put(self, claim: Claim) -> None:
        key = (claim.named_by, claim.name, claim.said)
        if first := self.seen.get(key):
            self.fault(claim.line, "", f"Says the same as line {first}.")
        self.seen.setdefault(key, claim.line)
        self.claims.append(claim)

    def done(self, control: Control | None) -> Sequence[Claim]:
        """Raises Unreadable."""
        if not self.faults and not self.claims:
            self.fault(0, "", "The file says nothing.")
        if not self.faults and control:
            self._agree(control)
        if self.faults:
            raise Unreadable(self.faults)
        return self.claims

    def _agree(self, control: Control) -> None:
        cents = sum(claim.cents for claim in self.claims)
        if control.lines != len(self.claims):
            words = f"It says {control.lines} lines, there are {len(self.claims)}."
            self.fault(control.line, "control", words)
        if control.cents != cents:
            words = f"It says {control.cents} cents, the lines add up to {cents}."
            self.fault(control.line, "control", words)

    def _name(self, line: int, given: Mapping[str, Any]) -> tuple[str, str]:
        named = [name for name in NAMES if name in given]
        if len(named) != 1:
            self.fault(line, "trace", f"One of {', '.join(NAMES)} is needed, and one alone.")
            return "", ""
        kind, pattern, words = NAMES[named[0]]
        text = given[named[0]]
        if not isinstance(text, str) or not pattern.fullmatch(text):
            self.fault(line, named[0], f"Is not {words}.")
            return "", ""
        return kind, text

    def _cents(self, line: int, given: Mapping[str, Any]) -> int:
        cents = given.get("amount")
        if type(cents) is not int or not 0 <= cents < MOST_CENTS:
            self.fault(line, "amount", "Is no whole number of cents.")
            return 0
        return cents

    def _code(self, line: int, given: Mapping[str, Any], said: str | None) -> str:
        code = given.get("code", "")
        if said == Said.SETTLED and "code" in given:
            self.fault(line, "code", "Belongs to a return.")
        if said == Said.RETURNED and not (isinstance(code, str) and code in CODES):
            self.fault(line, "code", "A return has a code, as R01.")
        return code if isinstance(code, str) else ""

    def _text(self, line: int, given: Mapping[str, Any], name: str, read: Any) -> Any:
        try:
            return read(given[name])
        except (KeyError, ValueError, TypeError):
            self.fault(line, name, WORDS[name])
            return None


WORDS = {"status": f"Is one of {', '.join(STATUSES)}.", "on": "Is a day, as 2026-03-02."}


def _day(text: str) -> date:
    if not DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)
