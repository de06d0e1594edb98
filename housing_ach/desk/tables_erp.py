"""Lists of what the books are posted to, and of what did not get there."""

from datetime import date, datetime

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.desk.templatetags.money import dollars, newyork
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.states import PostingStatus
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge


class TargetTable(BaseTable):
    """`posted_until`, `waiting` and `stopped` are annotated."""

    caption = later("ERP databases")

    name = tables.Column(verbose_name=later("Target"), attrs=Cells.LEAD)
    dialect = tables.Column(verbose_name=later("Database"), attrs=Cells.SUB)
    starts_on = tables.Column(verbose_name=later("From day"))
    posted_until = tables.Column(
        verbose_name=later("Last day posted"), attrs=Cells.ACT, default=later("None yet")
    )
    waiting = tables.Column(verbose_name=later("Waiting"), attrs=Cells.NUMBER, default="0")
    stopped = tables.Column(verbose_name=later("Stopped"), attrs=Cells.NUMBER, default="0")
    is_active = tables.Column(verbose_name=later("State"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Target
        fields = (
            *("name", "dialect", "starts_on", "posted_until"),
            *("waiting", "stopped", "is_active"),
        )
        order_by = ("name",)
        empty_text = later("The books are posted to no database yet.")

    def render_name(self, record: Target) -> SafeString:
        page = reverse("desk:erp-target", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, record.name)

    def value_name(self, record: Target) -> str:
        return record.name

    def render_starts_on(self, value: date) -> str:
        return date_format(value, "M j, Y")

    def render_posted_until(self, value: date) -> str:
        return date_format(value, "M j, Y")

    def render_is_active(self, record: Target) -> SafeString:
        return target_badge(record, stopped=getattr(record, "stopped", None) or 0)

    def value_is_active(self, record: Target) -> str:
        return "ACTIVE" if record.is_active else "PAUSED"


class PostingTable(BaseTable):
    caption = later("Postings")

    source_ref = tables.Column(
        verbose_name=later("Reference"), attrs={"td": {"class": "lead mono"}}
    )
    day = tables.Column(verbose_name=later("Day"), attrs=Cells.SUB)
    line_count = tables.Column(verbose_name=later("Lines"), attrs=Cells.NUMBER)
    debit_cents = tables.Column(verbose_name=later("Debits"), attrs=Cells.MONEY)
    tries = tables.Column(verbose_name=later("Tries"), attrs=Cells.NUMBER)
    posted_at = tables.Column(verbose_name=later("Posted"), default="")
    problem = tables.Column(
        verbose_name=later("Problem"), attrs=Cells.ACT, orderable=False, default=""
    )
    status = tables.Column(verbose_name=later("State"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Posting
        fields = (
            *("source_ref", "day", "line_count", "debit_cents"),
            *("tries", "posted_at", "problem", "status"),
        )
        order_by = ("-day",)
        empty_text = later("Nothing was posted yet.")

    def render_source_ref(self, record: Posting) -> SafeString:
        page = reverse("desk:erp-posting", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, record.source_ref)

    def value_source_ref(self, record: Posting) -> str:
        return record.source_ref

    def render_day(self, value: date) -> str:
        return date_format(value, "M j, Y")

    def render_debit_cents(self, value: int) -> str:
        return dollars(value)

    def value_debit_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_posted_at(self, value: datetime) -> str:
        return newyork(value)

    def render_status(self, record: Posting) -> SafeString:
        return posting_badge(record)

    def value_status(self, record: Posting) -> str:
        return record.status


def posting_badge(posting: Posting) -> SafeString:
    if posting.status == PostingStatus.PENDING:
        return status_badge("QUEUED")
    return status_badge(posting.status)


def target_badge(target: Target, *, stopped: int) -> SafeString:
    """A conflict keeps all of the target's later days waiting."""
    if not target.is_active:
        return status_badge("PAUSED")
    return status_badge("FAILED", _("Stopped")) if stopped else status_badge("ACTIVE")
