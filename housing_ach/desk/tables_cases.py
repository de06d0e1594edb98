"""The queue of exceptions."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.cases.models import Case
from housing_ach.cases.words import kind_words
from housing_ach.desk.case_subjects import Place, places
from housing_ach.desk.templatetags.money import dollars, newyork
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge


class PickColumn(tables.Column):  # type: ignore[misc]  # untyped package
    """A box to pick the row, and one in the head to pick all."""

    @property
    def header(self) -> SafeString:
        return format_html(
            '<input type="checkbox" data-pick-all aria-label="{}">', _("Pick all on this page")
        )


class CaseTable(BaseTable):
    caption = later("Exceptions")

    pick = PickColumn(
        attrs={"td": {"class": "pick"}},
        empty_values=(),
        orderable=False,
        exclude_from_export=True,
    )
    kind = tables.Column(verbose_name=later("Exception"), attrs=Cells.LEAD)
    about = tables.Column(
        verbose_name=later("About"),
        attrs=Cells.SUB,
        empty_values=(),
        orderable=False,
        exclude_from_export=True,
    )
    summary = tables.Column(visible=False)
    cents = tables.Column(verbose_name=later("Amount"), attrs=Cells.MONEY)
    opened_at = tables.Column(verbose_name=later("Opened"))
    owner = tables.Column(
        accessor="owner__name", verbose_name=later("Owner"), default="", attrs=Cells.ACT
    )
    status = tables.Column(verbose_name=later("Status"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Case
        fields = ("pick", "kind", "about", "summary", "cents", "opened_at", "owner", "status")
        order_by = ("opened_at",)
        empty_text = later("Nothing waits for a person here.")
        row_attrs = {"aria-selected": lambda record, table: table.marked(record)}

    def __init__(self, *args: Any, item: str = "", may_act: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if may_act else ("pick",), **kwargs)
        self.item = item
        self.places: dict[int, Place] = {}

    def look_up(self) -> None:
        """Whose the rows of this page are; call it once the table is paged."""
        self.places = places(row.record for row in self.paginated_rows)

    def marked(self, record: Case) -> str | None:
        return "true" if str(record.pk) == self.item else None

    def render_pick(self, record: Case) -> SafeString:
        return format_html(
            '<input type="checkbox" name="pick" value="{}" form="bulk-form" aria-label="{}">',
            record.pk,
            _("Pick exception %(number)s") % {"number": record.pk},
        )

    def render_kind(self, record: Case) -> SafeString:
        query = self.request.GET.copy()
        query["item"] = str(record.pk)
        return format_html(
            '<a href="?{0}" data-open-row hx-get="{1}?{2}" hx-target="#panel" hx-select="unset"'
            ' hx-swap="innerHTML" hx-push-url="?{0}">{3}</a>',
            query.urlencode(),
            reverse("desk:case", args=[record.pk]),
            self.request.GET.urlencode(),
            kind_words(record.kind),
        )

    def value_kind(self, record: Case) -> str:
        return record.kind

    def render_about(self, record: Case) -> SafeString | str:
        place = self.places.get(record.pk)
        if place is None or not (place.tenant or place.unit):
            return record.summary
        where = f"{place.property} · {place.unit}" if place.unit else ""
        if not place.tenant:
            return where
        return format_html('{}<br><span class="muted">{}</span>', place.tenant, where)

    def render_cents(self, value: int) -> str:
        return dollars(value) if value else ""

    def value_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_opened_at(self, value: Any) -> str:
        return newyork(value)

    def value_opened_at(self, value: Any) -> str:
        return str(value.isoformat())

    def render_status(self, record: Case) -> SafeString:
        return status_badge(record.status)

    def value_status(self, record: Case) -> str:
        return record.status
