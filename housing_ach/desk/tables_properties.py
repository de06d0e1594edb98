"""Lists of properties, of what they did in the shadow, and of what was written to tenants."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from housing_ach.desk.templatetags.money import dollars, newyork, words
from housing_ach.notices.models import Message
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge
from housing_ach.tenants.models import Property, ShadowRun


class PropertyTable(BaseTable):
    caption = _("Properties")

    name = tables.Column(attrs=Cells.LEAD)
    code = tables.Column(attrs=Cells.SUB)
    unit_count = tables.Column(verbose_name=_("Units"), attrs=Cells.NUMBER)
    rollout = tables.Column(attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Property
        fields = ("name", "code", "state", "unit_count", "rollout")
        order_by = ("name",)

    def render_name(self, record: Property) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("desk:property", args=[record.pk]), record.name
        )

    def render_rollout(self, record: Property) -> SafeString:
        return status_badge(record.rollout)

    def value_rollout(self, record: Property) -> str:
        return record.rollout


class ShadowTable(BaseTable):
    caption = _("What would have been sent")

    processing_on = tables.Column(verbose_name=_("Day"), attrs=Cells.LEAD)
    entry_count = tables.Column(verbose_name=_("Debits"), attrs=Cells.NUMBER)
    cents = tables.Column(verbose_name=_("Total"), attrs=Cells.MONEY)
    excluded_count = tables.Column(verbose_name=_("Left out"), attrs=Cells.NUMBER)
    findings = tables.Column(verbose_name=_("Findings"), attrs=Cells.SUB, orderable=False)

    class Meta(BaseTable.Meta):
        model = ShadowRun
        fields = ("processing_on", "entry_count", "cents", "excluded_count", "findings")
        order_by = ("-processing_on",)
        empty_text = _("No day was worked out in the shadow yet.")

    def render_cents(self, value: int) -> str:
        return dollars(value)

    def render_processing_on(self, value: date, record: ShadowRun) -> SafeString:
        words = f"{value:%b} {value.day}, {value.year}"
        return format_html('<a href="?run={}#run">{}</a>', record.pk, words)

    def render_findings(self, value: list[Any]) -> str:
        return str(len(value))


class MessageTable(BaseTable):
    caption = _("Messages to tenants")

    title = tables.Column(verbose_name=_("Message"), attrs=Cells.LEAD)
    recipient = tables.Column(attrs=Cells.SUB)
    kind = tables.Column()
    queued_at = tables.Column(verbose_name=_("Written"), attrs=Cells.ACT)
    status = tables.Column(attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Message
        fields = ("queued_at", "title", "recipient", "kind", "status")
        order_by = ("-queued_at",)
        empty_text = _("Nothing was written yet.")

    def render_title(self, record: Message) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("desk:notice", args=[record.pk]), record.title
        )

    def render_kind(self, record: Message) -> str:
        return words(record.kind)

    def render_queued_at(self, record: Message) -> str:
        return newyork(record.queued_at)

    def render_status(self, record: Message) -> SafeString:
        return status_badge(record.status)

    def value_status(self, record: Message) -> str:
        return record.status
