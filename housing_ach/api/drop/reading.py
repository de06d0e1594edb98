"""A dropped file as it was understood: its rows, or why it is not used at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers

from housing_ach.api.problems import field_errors
from housing_ach.api.serializers.money import ItemSerializer


@dataclass(frozen=True)
class Fault:
    """`pointer` names the field (RFC 6901); a fault of the whole file has none and line 0."""

    code: str
    message: str
    pointer: str = ""
    line: int = 0


def fault_of(said: Mapping[str, str], line: int = 0) -> Fault:
    """What the API would answer."""
    return Fault(said["code"], said["message"], said["pointer"], line)


class Unusable(Exception):
    """Nothing of the file is used."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Row:
    """`item` is what `submit` takes; None where `faults` say what is wrong."""

    line: int
    external_id: str
    cents: int | None
    item: Mapping[str, Any] | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Contents:
    rows: list[Row]

    @property
    def cents(self) -> int:
        return sum(row.cents or 0 for row in self.rows)

    @property
    def is_certain(self) -> bool:
        """Whether the sum could be held against what the file promises."""
        return all(row.cents is not None for row in self.rows)

    @property
    def good(self) -> dict[int, Mapping[str, Any]]:
        """What can be asked for, by the places of the rows."""
        return {place: row.item for place, row in enumerate(self.rows) if row.item is not None}

    @property
    def has_account_numbers(self) -> bool:
        return any("account_number" in item for item in self.good.values())


class Checker:
    """Checks rows by the same rules as the body of a request."""

    def __init__(self) -> None:
        self.asked = ItemSerializer()

    def row(self, line: int, values: Mapping[str, Any]) -> Row:
        cents = values.get("amount")
        whole = cents if isinstance(cents, int) else None
        try:
            item = self.asked.run_validation(dict(values))
        except serializers.ValidationError as problem:
            faults = tuple(fault_of(said, line) for said in field_errors(problem.detail))
            return Row(line, self._named(values), whole, faults=faults)
        return Row(line, item["external_id"], whole, item)

    def _named(self, values: Mapping[str, Any]) -> str:
        """The name the row has; what is no name is not told again, it may have slipped there."""
        try:
            field = self.asked.fields["external_id"]
            return str(field.run_validation(values.get("external_id", "")))
        except serializers.ValidationError:
            return ""
