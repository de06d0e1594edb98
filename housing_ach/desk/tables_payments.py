"""Every payment, for the staff."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.desk.payment_facts import look_of
from housing_ach.desk.templatetags.money import dollars, words
from housing_ach.payments.models import Payment
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge


class PaymentTable(BaseTable):
    """`shown_cents` is empty where the amount proves whose account it is: nobody reads it here."""

    caption = later("Payments")

    tenant = tables.Column(accessor="tenant__name", verbose_name=later("Tenant"), attrs=Cells.LEAD)
    unit = tables.Column(
        accessor="lease__unit", verbose_name=later("Unit"), attrs=Cells.SUB, orderable=False
    )
    purpose = tables.Column(verbose_name=later("For"))
    effective_on = tables.Column(verbose_name=later("Effective"), attrs=Cells.ACT)
    shown_cents = tables.Column(
        verbose_name=later("Amount"), attrs=Cells.MONEY, default=later("Hidden until verified")
    )
    status = tables.Column(verbose_name=later("Status"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Payment
        fields = ("id", "tenant", "unit", "purpose", "effective_on", "shown_cents", "status")
        order_by = ("-effective_on", "-id")
        empty_text = later("No payments here.")

    def render_tenant(self, value: str, record: Payment) -> SafeString:
        page = reverse("desk:payment", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, value)

    def value_tenant(self, value: str) -> str:
        return value

    def render_unit(self, record: Payment) -> str:
        unit = record.lease.unit
        return f"{unit.property.name} · {unit.name}"

    def render_purpose(self, record: Payment) -> str:
        return words(record.get_purpose_display())

    def render_effective_on(self, value: Any) -> str:
        return f"{value:%b} {value.day}, {value.year}"

    def value_effective_on(self, value: Any) -> str:
        return str(value.isoformat())

    def render_shown_cents(self, value: int, record: Payment) -> str:
        sign = _("Credit") + " " if record.direction == "CREDIT" else ""
        return f"{sign}{dollars(value)}"

    def value_shown_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_status(self, record: Payment) -> SafeString:
        return status_badge(look_of(record))

    def value_status(self, record: Payment) -> str:
        return record.status


class OwnPaymentTable(PaymentTable):
    """Of one tenant, lease or authorization: whose they are stands above."""

    purpose = tables.Column(verbose_name=later("For"), attrs=Cells.LEAD)
    unit = tables.Column(
        accessor="lease__unit", verbose_name=later("Unit"), attrs=Cells.ACT, orderable=False
    )
    effective_on = tables.Column(verbose_name=later("Effective"), attrs=Cells.SUB)

    class Meta(PaymentTable.Meta):
        exclude = ("tenant",)

    def render_purpose(self, record: Payment) -> SafeString:
        page = reverse("desk:payment", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, super().render_purpose(record))

    def value_purpose(self, record: Payment) -> str:
        return super().render_purpose(record)
