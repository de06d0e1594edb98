"""Documents that were made, and figures for a spreadsheet."""

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from housing_ach.desk.templatetags.money import newyork
from housing_ach.reports.models import Document
from housing_ach.reports.selectors import words_of
from housing_ach.reports.states import DocumentKind, DocumentStatus
from housing_ach.returns.models import Return
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge

KINDS: dict[str, Promise] = {
    DocumentKind.RECEIPT: _("Receipt"),
    DocumentKind.MANDATE: _("Authorization"),
    DocumentKind.STATEMENT: _("Tenant statement"),
    DocumentKind.BATCH: _("Batch report"),
    DocumentKind.DAY_END: _("Day-end report"),
}


class DocumentTable(BaseTable):
    caption = _("Recent files")

    kind = tables.Column(verbose_name=_("Report"), attrs=Cells.LEAD)
    name = tables.Column(verbose_name=_("File"), attrs=Cells.SUB)
    made_at = tables.Column(verbose_name=_("Created"))
    made_by = tables.Column(accessor="made_by__name", verbose_name=_("By"))
    size = tables.Column(verbose_name=_("Size"), attrs=Cells.MONEY)
    status = tables.Column(verbose_name=_("Status"), attrs=Cells.STATE)
    sha256 = tables.Column(visible=False)

    class Meta(BaseTable.Meta):
        model = Document
        fields = ("kind", "name", "made_at", "made_by", "size", "status", "sha256")
        order_by = ("-made_at",)
        empty_text = _("No report was made yet.")

    def render_kind(self, value: str, record: Document) -> str:
        return str(KINDS.get(record.kind, value))

    def value_kind(self, record: Document) -> str:
        return record.kind

    def render_name(self, record: Document) -> SafeString | str:
        if record.status != DocumentStatus.DONE:
            return record.message or record.name
        return format_html(
            '<a href="{}">{}</a>', reverse("desk:document", args=[record.pk]), record.name
        )

    def value_name(self, record: Document) -> str:
        return record.name

    def render_made_at(self, value: Any) -> str:
        return newyork(value)

    def value_made_at(self, value: Any) -> str:
        return str(value.isoformat())

    def render_size(self, value: int) -> str:
        return filesizeformat(value) if value else ""

    def value_size(self, value: int) -> int:
        return value

    def render_status(self, record: Document) -> SafeString:
        return status_badge(record.status)

    def value_status(self, record: Document) -> str:
        return record.status


class FundTable(BaseTable):
    """A day of each fund, in dollars."""

    name = tables.Column(verbose_name=_("Fund"))
    code = tables.Column(verbose_name=_("Code"))
    sent_cents = tables.Column(verbose_name=_("Sent"))
    settled_cents = tables.Column(verbose_name=_("Settled"))
    returned_cents = tables.Column(verbose_name=_("Returned"))
    charged_cents = tables.Column(verbose_name=_("Charged back"))
    in_flight_cents = tables.Column(verbose_name=_("In transit at the end"))
    to_be_charged_cents = tables.Column(verbose_name=_("Returns to be charged"))
    bank_cents = tables.Column(verbose_name=_("At the bank at the end"))

    def render_sent_cents(self, value: int) -> str:
        return money.dollars(value)

    render_settled_cents: Callable[..., str] = render_sent_cents
    render_returned_cents: Callable[..., str] = render_sent_cents
    render_charged_cents: Callable[..., str] = render_sent_cents
    render_in_flight_cents: Callable[..., str] = render_sent_cents
    render_to_be_charged_cents: Callable[..., str] = render_sent_cents
    render_bank_cents: Callable[..., str] = render_sent_cents


class ReturnTable(BaseTable):
    banking_on = tables.Column(verbose_name=_("Day"))
    code = tables.Column(verbose_name=_("Code"))
    words = tables.Column(verbose_name=_("Reason"), empty_values=(), orderable=False)
    original_trace = tables.Column(verbose_name=_("Trace number"))
    payment = tables.Column(accessor="entry__payment_id", verbose_name=_("Payment"), default="")
    tenant = tables.Column(
        accessor="entry__payment__tenant__name", verbose_name=_("Tenant"), default=""
    )
    property = tables.Column(
        accessor="entry__payment__lease__unit__property__name",
        verbose_name=_("Property"),
        default="",
    )
    cents = tables.Column(verbose_name=_("Amount"))

    class Meta(BaseTable.Meta):
        model = Return
        fields = (
            *("banking_on", "code", "words", "original_trace"),
            *("payment", "tenant", "property", "cents"),
        )
        order_by = ("banking_on",)

    def value_banking_on(self, value: Any) -> str:
        return str(value)

    def render_words(self, record: Return) -> str:
        return words_of(record.code)

    def value_cents(self, value: int) -> str:
        return money.dollars(value)
