"""What every table of a page shares: its template, its pages, and the same rows as CSV."""

import csv
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import django_tables2 as tables
from django.core.paginator import Paginator
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.functional import cached_property
from django_tables2.config import RequestConfig

PER_PAGE = 25
# Counting a million rows takes longer than reading a page of them.
COUNTED = 10_000
# A spreadsheet runs a cell that begins like this.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
AMOUNT = re.compile(r"[-+]?\$?[\d,]+(\.\d+)?%?")


Table = TypeVar("Table", bound=tables.Table)

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class Cells:
    """The attributes of a column: its place in the two lines a row has on a phone."""

    LEAD = {"td": {"class": "lead"}}
    SUB = {"td": {"class": "sub"}}
    STATE = {"td": {"class": "state"}}
    ACT = {"td": {"class": "act"}}
    MONEY = {"td": {"class": "num amount"}, "th": {"class": "num"}}
    NUMBER = {"td": {"class": "num"}, "th": {"class": "num"}}


class BaseTable(tables.Table):  # type: ignore[misc]  # untyped package
    caption: Any = ""

    class Meta:
        attrs = {"class": "table table-cards"}
        order_by_field = "sort"
        template_name = "tables/table.html"


class CappedPaginator(AnyPaginator):
    """Counts no further than COUNTED rows; what lies beyond is found by filtering."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        while hasattr(rows, "data"):
            rows = rows.data
        if not hasattr(rows, "query"):
            return len(rows)
        # Neither their order nor what is shown of them changes how many there are.
        return int(rows.order_by().values("pk")[:COUNTED].count())


def paged(request: HttpRequest, table: Table) -> Table:
    RequestConfig(
        request, paginate={"per_page": PER_PAGE, "paginator_class": CappedPaginator}
    ).configure(table)
    return table


class _Echo:
    def write(self, line: str) -> str:
        return line


def as_csv(request: HttpRequest, table: tables.Table, name: str) -> StreamingHttpResponse:
    """All rows of the table in its order, not only those of the page."""
    RequestConfig(request, paginate=False).configure(table)
    writer = csv.writer(_Echo())
    lines: Iterator[str] = (
        writer.writerow([_plain(cell) for cell in row]) for row in table.as_values()
    )
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _plain(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    runs = text.startswith(FORMULA) and not AMOUNT.fullmatch(text)
    return f"'{text}" if runs else text
