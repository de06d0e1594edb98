"""Lists of the programs that call."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from housing_ach.desk.templatetags.money import newyork
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge
from housing_ach.users.models import Client
from housing_ach.users.proofs import OLD, proof_since
from housing_ach.users.states import ClientAuth, Scope

PROOFS: dict[str, Promise] = {
    ClientAuth.SECRET: later("Secret"),
    ClientAuth.KEY: later("Signing key"),
    ClientAuth.CERTIFICATE: later("Certificate"),
}
SCOPES: dict[str, Promise] = {
    Scope.READ: later("Read"),
    Scope.WRITE: later("Move money"),
    Scope.RECON: later("Reconcile"),
    Scope.TOKENIZE: later("Give account numbers"),
}
OFF = later("Disabled")


class ClientTable(BaseTable):
    """`use` is selected with each, and `has_change` annotated."""

    caption = later("API clients")

    name = tables.Column(verbose_name=later("Client"), attrs=Cells.LEAD)
    client_id = tables.Column(verbose_name=later("Client ID"), attrs={"td": {"class": "mono"}})
    scopes = tables.Column(verbose_name=later("May"), attrs=Cells.SUB, orderable=False)
    auth_method = tables.Column(verbose_name=later("Proves itself by"), orderable=False)
    last_used_at = tables.Column(
        accessor="use__last_used_at",
        verbose_name=later("Last used"),
        attrs=Cells.ACT,
        default=later("Never used"),
    )
    failures = tables.Column(
        accessor="use__failures", verbose_name=later("Turned away"), attrs=Cells.NUMBER, default="0"
    )
    age = tables.Column(
        empty_values=(), verbose_name=later("Key age"), orderable=False, attrs=Cells.NUMBER
    )
    is_active = tables.Column(verbose_name=later("State"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Client
        fields = (
            *("name", "client_id", "scopes", "auth_method"),
            *("last_used_at", "failures", "age", "is_active"),
        )
        order_by = ("name",)
        empty_text = later("No program may call yet.")

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def render_name(self, record: Client) -> SafeString:
        page = reverse("desk:client", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, record.name)

    def value_name(self, record: Client) -> str:
        return record.name

    def render_scopes(self, record: Client) -> str:
        return ", ".join(str(SCOPES[scope]) for scope in record.scopes)

    def value_scopes(self, record: Client) -> str:
        return " ".join(record.scopes)

    def render_auth_method(self, record: Client) -> str:
        return str(PROOFS[record.auth_method])

    def render_last_used_at(self, value: datetime) -> str:
        return newyork(value)

    def value_last_used_at(self, value: datetime | None) -> str:
        return value.isoformat() if value else ""

    def render_age(self, record: Client) -> SafeString | str:
        words = age_words(record, at=self.at)
        return status_badge("PENDING", words) if is_old(record, at=self.at) else words

    def value_age(self, record: Client) -> int:
        return (self.at - proof_since(record)).days

    def render_is_active(self, record: Client) -> SafeString:
        return client_badge(record)

    def value_is_active(self, record: Client) -> str:
        return state_of(record)


def state_of(client: Client) -> str:
    if client.approved_by_id is None or (client.is_active and getattr(client, "has_change", False)):
        return "DRAFT"
    return "ACTIVE" if client.is_active else "DISABLED"


def client_badge(client: Client) -> SafeString:
    state = state_of(client)
    return status_badge(state, str(OFF) if state == "DISABLED" else "")


def is_old(client: Client, *, at: datetime) -> bool:
    return at - proof_since(client) >= OLD


def age_words(client: Client, *, at: datetime) -> str:
    days = max(0, (at - proof_since(client)).days)
    return _("Today") if not days else ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
