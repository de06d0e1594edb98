"""What each kind of document is made from, and by which template."""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from typing import Any

from housing_ach.reports.states import DocumentKind

# Raised when a template says something else about the same facts: what was made before stays, and
# whoever asks next gets a new one.
LAYOUT = 1
ROWS_A_PAGE = 36
# About a second: more rows than this are set by the worker.
ROWS_AT_ONCE = 150


@dataclass(frozen=True)
class Paper:
    """`lists` are the facts that grow; the rest fits on the first page."""

    template: str
    lists: tuple[str, ...]

    def rows(self, facts: Mapping[str, Any]) -> int:
        return sum(len(facts[name]) for name in self.lists)

    def pages(self, facts: Mapping[str, Any]) -> int:
        return 1 + self.rows(facts) // ROWS_A_PAGE


PAPERS = {
    DocumentKind.RECEIPT: Paper("reports/receipt.html", ("debits",)),
    DocumentKind.MANDATE: Paper("reports/mandate.html", ()),
    DocumentKind.STATEMENT: Paper("reports/statement.html", ("lines", "underway")),
    DocumentKind.BATCH: Paper("reports/batch.html", ("entries", "taken_out", "came_back")),
    DocumentKind.DAY_END: Paper(
        "reports/day_end.html", ("funds", "files", "returns", "cases", "reasons")
    ),
}


def plain(value: Any) -> Any:
    """Facts as JSON holds them: names, numbers, ISO dates."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
