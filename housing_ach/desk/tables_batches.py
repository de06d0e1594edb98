"""Lists of batches and of what is in them."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.desk.templatetags.money import batch_words, dollars
from housing_ach.payments.states import Purpose
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge

HIDDEN = "••"


class BatchTable(BaseTable):
    caption = _("Batches")

    pk = tables.Column(verbose_name=_("Batch"), attrs=Cells.LEAD)
    company = tables.Column(accessor="company__name", verbose_name=_("Company"), attrs=Cells.SUB)
    effective_on = tables.Column(verbose_name=_("Effective"))
    entry_count = tables.Column(verbose_name=_("Entries"), attrs=Cells.NUMBER)
    cents = tables.Column(verbose_name=_("Total"), attrs=Cells.MONEY)
    made_by = tables.Column(accessor="made_by__name", verbose_name=_("Built by"), orderable=False)
    approved_by = tables.Column(
        accessor="approved_by__name", verbose_name=_("Approved by"), orderable=False
    )
    status = tables.Column(verbose_name=_("Status"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Batch
        fields = (
            *("pk", "company", "effective_on", "entry_count", "cents"),
            *("made_by", "approved_by", "status"),
        )
        order_by = ("-pk",)
        empty_text = _("No batches here.")

    def render_pk(self, record: Batch) -> SafeString:
        return format_html(
            '<a href="{}">#{} {} {}</a>',
            reverse("desk:batch", args=[record.pk]),
            *(record.pk, record.description, record.sec_code),
        )

    def value_pk(self, record: Batch) -> int:
        return record.pk

    def render_effective_on(self, value: Any) -> str:
        return date_format(value, "M j, Y")

    def value_effective_on(self, value: Any) -> str:
        return str(value)

    def render_cents(self, value: int) -> str:
        return dollars(value)

    def value_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_status(self, record: Batch) -> SafeString:
        return status_badge(record.status, batch_words(record.status))

    def value_status(self, record: Batch) -> str:
        return record.status


class EntryTable(BaseTable):
    caption = _("Entries of the batch")

    trace = tables.Column(
        verbose_name=_("Trace number"), attrs={"td": {"class": "lead mono"}}, empty_values=()
    )
    name = tables.Column(verbose_name=_("Name"), attrs=Cells.SUB)
    account_version = tables.Column(verbose_name=_("Account"), orderable=False)
    payment = tables.Column(verbose_name=_("Payment"), attrs=Cells.ACT, orderable=False)
    cents = tables.Column(verbose_name=_("Amount"), attrs=Cells.MONEY, orderable=False)
    status = tables.Column(verbose_name=_("Status"), attrs=Cells.STATE)
    eject = tables.Column(
        verbose_name=_("What to do"), empty_values=(), orderable=False, exclude_from_export=True
    )

    class Meta(BaseTable.Meta):
        model = Entry
        fields = ("trace", "name", "account_version", "payment", "cents", "status", "eject")
        empty_text = _("No entry has this trace number.")

    def __init__(
        self, *args: Any, description: str, may_eject: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, exclude=() if may_eject else ("eject",), **kwargs)
        self.are_micro = description == Purpose.MICRO_DEPOSIT

    def render_trace(self, record: Entry) -> str:
        return record.trace or str(_("Given when the file is made"))

    def value_trace(self, record: Entry) -> str:
        return record.trace

    def render_eject(self, record: Entry) -> SafeString | str:
        if record.status != EntryStatus.PLANNED:
            return ""
        page = reverse("desk:batch-eject", args=[record.batch_id])
        words = _("Take out the entry of %(name)s") % {"name": record.name}
        return format_html(
            '<a href="{}?entry={}" aria-label="{}">{}</a>', page, record.pk, words, _("Take out")
        )

    def render_account_version(self, record: Entry) -> str:
        return f"•••• {record.account_version.last_four}"

    def render_payment(self, record: Entry) -> SafeString:
        link = reverse("desk:payment", args=[record.payment_id])
        return format_html('<a href="{}">{} {}</a>', link, _("Payment"), record.payment_id)

    def render_cents(self, value: int) -> str:
        """Whoever knows the amounts of micro-deposits could verify another's account."""
        return HIDDEN if self.are_micro else dollars(value)

    def value_payment(self, record: Entry) -> int | None:
        return record.payment_id

    def value_cents(self, value: int) -> str:
        return HIDDEN if self.are_micro else money.dollars(value)

    def render_status(self, record: Entry) -> SafeString:
        return status_badge(record.status)

    def value_status(self, record: Entry) -> str:
        return record.status
