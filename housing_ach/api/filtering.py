"""What a list may be asked for by: each parameter is read, or refused by its name, and finds its rows."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q
from rest_framework.exceptions import ValidationError

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


class Wrong(ValueError):
    """Says what would have been right."""


class Filter(NamedTuple):
    """`path` as in a query of Django; without one, what is read is the condition. `read` raises Wrong."""

    path: str
    read: Callable[[str], Any] = str

    def finds(self, value: Any) -> Q:
        return Q(**{self.path: value}) if self.path else Q(value)


@dataclass(frozen=True)
class Filters:
    """By the name of the parameter. Of a span, a first and a last, the last is not before the first."""

    by_name: Mapping[str, Filter]
    spans: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.by_name)

    def asked(self, query: Mapping[str, str]) -> dict[str, Q]:
        """By name. All of what is wrong is told at once."""
        found: dict[str, Any] = {}
        wrong: dict[str, list[str]] = {}
        for name in sorted(self.names & set(query)):
            try:
                found[name] = self.by_name[name].read(query[name])
            except Wrong as said:
                wrong[name] = [str(said)]
        for first, last in self.spans:
            if {first, last} <= set(found) and found[last] < found[first]:
                wrong[last] = [f"Not before {first}."]
        if wrong:
            raise ValidationError(wrong)
        return {name: self.by_name[name].finds(value) for name, value in found.items()}


def place_of(names: Iterable[str], query: Mapping[str, str]) -> str:
    """What a list is of, for its cursors."""
    return str([(name, query[name]) for name in sorted(names) if name in query])


def day(given: str) -> date:
    if DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise Wrong("A day, as 2026-03-02.")


def instant(given: str) -> datetime:
    if INSTANT.fullmatch(given):
        try:
            return datetime.fromisoformat(given)
        except ValueError:
            pass
    raise Wrong("An instant in UTC, as 2026-03-02T15:00:00Z.")


def number(given: str) -> int:
    if not (given.isascii() and given.isdigit()) or len(given) > 18:
        raise Wrong("A number.")
    return int(given)


def lower(values: Iterable[str]) -> Callable[[str], str]:
    """One of some values, asked for in lower case as it is told."""
    return one_of({value.lower(): value for value in values})


def one_of(known: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(given: str) -> Any:
        if given not in known:
            raise Wrong(f"One of {', '.join(sorted(known))}.")
        return known[given]

    return read
