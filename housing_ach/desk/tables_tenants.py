"""Lists of tenants, and the account of a lease."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.desk.templatetags.money import signed, words
from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.selectors import StatementLine
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.tenants.models import Tenant


class TenantTable(BaseTable):
    """`home` and `has_autopay` are annotated."""

    caption = later("Tenants")

    name = tables.Column(verbose_name=later("Tenant"), attrs=Cells.LEAD)
    home = tables.Column(verbose_name=later("Home"), attrs=Cells.SUB, orderable=False, default="")
    email = tables.Column(verbose_name=later("E-mail"), default="")
    external_id = tables.Column(verbose_name=later("Number"), attrs={"td": {"class": "mono"}})
    has_autopay = tables.Column(verbose_name=later("Autopay"), attrs=Cells.STATE, orderable=False)
    portal = tables.Column(
        verbose_name=later("Portal"), attrs=Cells.ACT, orderable=False, empty_values=()
    )

    class Meta(BaseTable.Meta):
        model = Tenant
        fields = ("name", "home", "email", "external_id", "has_autopay", "portal")
        order_by = ("name",)
        empty_text = later("No tenants here.")

    def render_name(self, value: str, record: Tenant) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("desk:tenant", args=[record.pk]), value)

    def value_name(self, value: str) -> str:
        return value

    def render_has_autopay(self, value: bool) -> str:  # noqa: FBT001 - called by the table
        return _("Autopay on") if value else _("No autopay")

    def render_portal(self, record: Tenant) -> str:
        return str(portal_words(record))


def portal_words(tenant: Tenant) -> Any:
    """How far the tenant is with the portal."""
    if tenant.user is None:
        return later("Not invited")
    return later("Signed up") if tenant.user.has_usable_password() else later("Invited")


class LedgerTable(BaseTable):
    """The newest first; the balance of a line is what was owed after it."""

    caption = later("Account of the lease")

    effective_on = tables.Column(verbose_name=later("Day"), attrs=Cells.SUB, orderable=False)
    kind = tables.Column(verbose_name=later("Event"), attrs=Cells.LEAD, orderable=False)
    party = tables.Column(verbose_name=later("Tenant"), attrs=Cells.ACT, orderable=False)
    number = tables.Column(verbose_name=later("Ledger account"), orderable=False)
    cents = tables.Column(verbose_name=later("Amount"), attrs=Cells.MONEY, orderable=False)
    balance_cents = tables.Column(
        verbose_name=later("Balance"),
        attrs={"td": {"class": "num state"}, "th": {"class": "num"}},
        orderable=False,
    )

    class Meta(BaseTable.Meta):
        empty_text = later("Nothing is posted yet.")

    def __init__(
        self, lines: Sequence[StatementLine], *, names: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__([line._asdict() for line in reversed(lines)], **kwargs)
        self.names = names

    def render_effective_on(self, value: date) -> str:
        return f"{value:%b} {value.day}, {value.year}"

    def value_effective_on(self, value: date) -> str:
        return value.isoformat()

    def render_kind(self, value: str, record: Mapping[str, Any]) -> SafeString | str:
        if record["subject"] != "payments.payment":
            return words(value)
        page = reverse("desk:payment", args=[record["subject_id"]])
        return format_html('<a href="{}">{}</a>', page, words(value))

    def value_kind(self, value: str) -> str:
        return value

    def render_party(self, value: str) -> str:
        return self.names.get(value, value)

    def render_number(self, value: str) -> str:
        return f"{value} {NAMES[value]}"

    def render_cents(self, value: int) -> str:
        return signed(value)

    def value_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_balance_cents(self, value: int) -> str:
        return signed(value)

    def value_balance_cents(self, value: int) -> str:
        return money.dollars(value)
