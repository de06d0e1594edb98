"""A JSON object a line; the last may be the control (docs/reconciliation.md)."""

import json
from collections.abc import Sequence
from typing import Any

from housing_ach.reconciliation.claims import Claim, Collector, Control, Fault, Unreadable

MARK = "\ufeff"
TERMS = {"count", "amount"}


def read(content: bytes) -> Sequence[Claim]:
    """Raises Unreadable."""
    found, control = Collector(), None
    for number, line in enumerate(_lines(content), start=1):
        if control:
            found.fault(number, "", "Stands after the control.")
            break
        given = _object(found, number, line)
        if given is not None and "control" in given:
            control = _control(found, number, given)
        elif given is not None:
            found.take(number, given)
    return found.done(control)


def text_of(content: bytes) -> str:
    """Raises Unreadable."""
    try:
        return content.decode().removeprefix(MARK)
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise Unreadable([Fault(line, "", "Is not UTF-8.")]) from None


def _lines(content: bytes) -> list[str]:
    lines = text_of(content).split("\n")
    return lines[:-1] if not lines[-1].strip() else lines


def _object(found: Collector, number: int, line: str) -> dict[str, Any] | None:
    try:
        given = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        found.fault(number, "", "Is no JSON object, whole and with each field once.")
        return None
    return given


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError
    return given


def _control(found: Collector, number: int, given: dict[str, Any]) -> Control | None:
    said = given["control"]
    is_known = set(given) == {"control"} and isinstance(said, dict) and set(said) == TERMS
    if is_known and all(type(value) is int for value in said.values()):
        return Control(number, said["count"], said["amount"])
    found.fault(number, "control", 'Is {"control": {"count": …, "amount": …}}, in whole numbers.')
    return None
