"""What the rules found: exact counts, and a listing that stops at a cap per rule."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np

from housing_ach.nacha.digits import Ints
from housing_ach.nacha.framing import Frame
from housing_ach.nacha.layout import WIDTH, Field, Record
from housing_ach.nacha.masking import has_slipped, mask_field, without_digits
from housing_ach.nacha.rules import RULES, Severity

LISTED = 100

Expected = str | Callable[[Ints], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Issue:
    """`count` is how often its rule was broken in the whole file, listed or not."""

    rule: str
    severity: Severity
    line: int
    record: str
    field: str
    start: int
    end: int
    expected: str
    actual: str
    message: str
    count: int


class Issues(Sequence[Issue]):
    def __init__(self, listed: Sequence[Issue], counts: Mapping[str, tuple[Severity, int]]) -> None:
        self._listed = listed
        self._counts = counts

    def __len__(self) -> int:
        return len(self._listed)

    @overload
    def __getitem__(self, index: int) -> Issue: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Issue]: ...
    def __getitem__(self, index: int | slice) -> Issue | Sequence[Issue]:
        return self._listed[index]

    def __iter__(self) -> Iterator[Issue]:
        return iter(self._listed)

    def __repr__(self) -> str:
        return f"<Issues: {self.errors} errors, {self.warnings} warnings>"

    @property
    def counts(self) -> dict[str, int]:
        return {rule: count for rule, (_, count) in self._counts.items()}

    @property
    def errors(self) -> int:
        return self._total("error")

    @property
    def warnings(self) -> int:
        return self._total("warning")

    def _total(self, wanted: Severity) -> int:
        return sum(count for severity, count in self._counts.values() if severity == wanted)


@dataclass(frozen=True, slots=True)
class _Found:
    row: int
    record: Record
    field: Field
    expected: str


@dataclass
class _Tally:
    count: int = 0
    found: list[_Found] = field(default_factory=list)
    ready: list[Issue] = field(default_factory=list)


class Findings:
    """Collects broken rules while reading; words are made only for what will be listed."""

    def __init__(
        self, frame: Frame, severity: Mapping[str, Severity], listed: int | None = LISTED
    ) -> None:
        self._frame = frame
        self._severity = severity
        self._listed = listed
        self._tallies: dict[str, _Tally] = {}

    def watches(self, rule: str) -> bool:
        return self._severity[rule] != "off"

    def add(
        self, rule: str, record: Record, where: Field, rows: Ints, expected: Expected = ""
    ) -> None:
        """`rows` of the matrix break `rule`; `expected` of them is asked only for the listed."""
        if not self.watches(rule) or len(rows) == 0:
            return
        tally = self._tallies.setdefault(rule, _Tally())
        tally.count += len(rows)
        room = len(rows) if self._listed is None else max(self._listed - len(tally.found), 0)
        places = np.arange(min(room, len(rows)))
        wanted = [expected] * len(places) if isinstance(expected, str) else expected(places)
        tally.found += [
            _Found(int(rows[place]), record, where, text)
            for place, text in zip(places, wanted, strict=True)
        ]

    def note(self, rule: str, line: int, *, count: int = 1, record: str = "file") -> None:
        """A finding about the framing or about something missing: it has no field to show."""
        if not self.watches(rule):
            return
        tally = self._tallies.setdefault(rule, _Tally())
        tally.count += count
        tally.ready.append(
            Issue(
                rule=rule,
                severity=self._severity[rule],
                line=line,
                record=record,
                field="",
                start=1,
                end=WIDTH,
                expected="",
                actual="",
                message=RULES[rule].title,
                count=tally.count,
            )
        )

    def close(self) -> Issues:
        listed = [
            self._issue(rule, found, tally.count)
            for rule, tally in self._tallies.items()
            for found in tally.found
        ]
        listed += [issue for tally in self._tallies.values() for issue in tally.ready]
        listed.sort(key=lambda issue: (issue.line, issue.start, issue.rule))
        return Issues(
            listed,
            {
                rule: (self._severity[rule], tally.count)
                for rule, tally in sorted(self._tallies.items())
            },
        )

    def _issue(self, rule: str, found: _Found, count: int) -> Issue:
        where = found.field
        line = self._frame.text(found.row)
        actual, expected = line[where.columns], found.expected
        if where.sensitive:
            actual = mask_field(actual)
        if has_slipped(line):
            actual = without_digits(actual)
        message = RULES[rule].title
        if expected:
            message += f": expected {expected}, found '{actual}'"
        else:
            message += f": found '{actual}'"
        return Issue(
            rule=rule,
            severity=self._severity[rule],
            line=self._frame.line_of(found.row),
            record=found.record.name,
            field=where.name,
            start=where.start,
            end=where.end,
            expected=expected,
            actual=actual,
            message=message,
            count=count,
        )
