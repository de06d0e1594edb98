"""Lists of the portal."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.payments.models import Payment
from housing_ach.portal.words import look_of
from housing_ach.reports.templatetags.papers import day, dollars
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge


class PaymentTable(BaseTable):
    """A row is a debit, as on the payer's bank statement; it leads to all debits made with it."""

    caption = later("Your payments")

    effective_on = tables.Column(verbose_name=later("Date"), attrs=Cells.LEAD)
    order = tables.Column(verbose_name=later("Payment"), attrs=Cells.SUB, orderable=False)
    cents = tables.Column(verbose_name=later("Amount"), attrs=Cells.MONEY)
    status = tables.Column(verbose_name=later("Status"), attrs=Cells.STATE, orderable=False)
    receipt = tables.Column(
        verbose_name=later("Receipt"), attrs=Cells.ACT, orderable=False, empty_values=()
    )

    class Meta(BaseTable.Meta):
        model = Payment
        fields = ("effective_on", "order", "cents", "status", "receipt")
        empty_text = later("No payments here.")

    def render_effective_on(self, value: Any) -> str:
        return day(value)

    def render_order(self, record: Payment) -> SafeString:
        number = _("Payment %(number)s") % {"number": record.order_id}
        link = reverse("portal:payment", args=[record.order_id])
        return format_html('<a href="{}">{}</a>', link, number)

    def render_cents(self, value: int) -> str:
        return dollars(value)

    def render_status(self, record: Payment) -> SafeString:
        return status_badge(look_of(record))

    def render_receipt(self, record: Payment) -> SafeString:
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            reverse("portal:receipt", args=[record.order_id]),
            _("Receipt of payment %(number)s, PDF") % {"number": record.order_id},
            _("Receipt (PDF)"),
        )
