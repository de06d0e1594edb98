"""Lists of the addresses that are told what happens."""

from datetime import datetime

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from housing_ach.desk.templatetags.money import newyork
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge
from housing_ach.webhooks.models import Endpoint
from housing_ach.webhooks.states import EndpointStatus

OFF = later("Disabled")


class EndpointTable(BaseTable):
    """`last_at` and `failed` are annotated."""

    caption = later("Webhook endpoints")

    url = tables.Column(verbose_name=later("Address"), attrs={"td": {"class": "lead code"}})
    client = tables.Column(accessor="client__name", verbose_name=later("Client"), attrs=Cells.SUB)
    kinds = tables.Column(verbose_name=later("Is told"), orderable=False, empty_values=())
    last_at = tables.Column(
        verbose_name=later("Last try"), attrs=Cells.ACT, default=later("Not tried yet")
    )
    failures = tables.Column(verbose_name=later("Failed in a row"), attrs=Cells.NUMBER)
    failed = tables.Column(verbose_name=later("Given up"), attrs=Cells.NUMBER, default="0")
    status = tables.Column(verbose_name=later("State"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Endpoint
        fields = ("url", "client", "kinds", "last_at", "failures", "failed", "status")
        order_by = ("url",)
        empty_text = later("No address is told yet.")

    def render_url(self, record: Endpoint) -> SafeString:
        page = reverse("desk:endpoint", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, record.url)

    def value_url(self, record: Endpoint) -> str:
        return record.url

    def render_kinds(self, record: Endpoint) -> str:
        if record.is_callback:
            return _("Returns of its own batches")
        count = len(record.kinds)
        if not count:
            return _("Everything")
        return ngettext("%(n)d kind of event", "%(n)d kinds of events", count) % {"n": count}

    def value_kinds(self, record: Endpoint) -> str:
        return " ".join(record.kinds)

    def render_last_at(self, value: datetime) -> str:
        return newyork(value)

    def value_last_at(self, value: datetime | None) -> str:
        return value.isoformat() if value else ""

    def render_status(self, record: Endpoint) -> SafeString:
        return endpoint_badge(record)

    def value_status(self, record: Endpoint) -> str:
        return record.status


def endpoint_badge(endpoint: Endpoint) -> SafeString:
    is_off = endpoint.status == EndpointStatus.DISABLED
    return status_badge(endpoint.status, str(OFF) if is_off else "")
