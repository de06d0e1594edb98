"""Lists of what programs said of a day's settlement, and what became of each line."""

from datetime import date, datetime

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as later

from housing_ach.desk.templatetags.money import dollars, newyork
from housing_ach.reconciliation.models import Line, Reconciliation
from housing_ach.reconciliation.states import Fate, Form, ReconciliationStatus, Said
from housing_ach.shared import money
from housing_ach.shared.tables import BaseTable, Cells
from housing_ach.shared.templatetags.ui import status_badge

FORMS: dict[str, Promise] = {
    Form.JSON_LINES: later("JSON lines"),
    Form.CSV: later("CSV"),
    Form.NACHA: later("NACHA returns"),
}
# With the state whose badge is worn.
FATES: dict[str, tuple[Promise, str]] = {
    Fate.MATCHED: (later("Agrees with the bank"), "RESOLVED"),
    Fate.TENTATIVE: (later("Bank has not said yet"), "QUEUED"),
    Fate.CONTRADICTED: (later("Bank says otherwise"), "CONFLICT"),
    Fate.UNKNOWN: (later("Not ours"), "OPEN"),
}
SAID: dict[str, Promise] = {Said.SETTLED: later("Settled"), Said.RETURNED: later("Returned")}
REFUSED = later("Not readable")


class ReconciliationTable(BaseTable):
    """`client` is selected with each."""

    caption = later("Settlement files")

    made_at = tables.Column(verbose_name=later("Came"), attrs=Cells.LEAD)
    client = tables.Column(accessor="client__name", verbose_name=later("Client"), attrs=Cells.SUB)
    form = tables.Column(verbose_name=later("Form"), orderable=False)
    line_count = tables.Column(verbose_name=later("Lines"), attrs=Cells.NUMBER)
    cents = tables.Column(verbose_name=later("Amount"), attrs=Cells.MONEY)
    matched = tables.Column(verbose_name=later("Agree"), attrs=Cells.NUMBER)
    tentative = tables.Column(verbose_name=later("Not said yet"), attrs=Cells.NUMBER)
    contradicted = tables.Column(verbose_name=later("Contradict"), attrs=Cells.NUMBER)
    unknown = tables.Column(verbose_name=later("Not ours"), attrs=Cells.NUMBER)
    status = tables.Column(verbose_name=later("State"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Reconciliation
        fields = (
            *("made_at", "client", "form", "line_count", "cents"),
            *("matched", "tentative", "contradicted", "unknown", "status"),
        )
        order_by = ("-made_at",)
        empty_text = later("No program sent a settlement file.")

    def render_made_at(self, record: Reconciliation, value: datetime) -> SafeString:
        page = reverse("desk:reconciliation", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, newyork(value))

    def value_made_at(self, value: datetime) -> str:
        return value.isoformat()

    def render_form(self, record: Reconciliation) -> str:
        return str(FORMS[record.form])

    def render_cents(self, value: int) -> str:
        return dollars(value)

    def value_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_status(self, record: Reconciliation) -> SafeString:
        return file_badge(record)

    def value_status(self, record: Reconciliation) -> str:
        return record.status


class LineTable(BaseTable):
    """What a line is about is linked to where it is known."""

    caption = later("Lines")

    number = tables.Column(verbose_name=later("Line"), attrs=Cells.NUMBER)
    name = tables.Column(verbose_name=later("Names"), attrs={"td": {"class": "lead mono"}})
    said = tables.Column(verbose_name=later("Client says"), attrs=Cells.SUB)
    on = tables.Column(verbose_name=later("On"))
    cents = tables.Column(verbose_name=later("Amount"), attrs=Cells.MONEY)
    message = tables.Column(verbose_name=later("Why"), attrs=Cells.ACT, orderable=False, default="")
    case_id = tables.Column(verbose_name=later("Exception"), orderable=False, default="")
    fate = tables.Column(verbose_name=later("Bank"), attrs=Cells.STATE)

    class Meta(BaseTable.Meta):
        model = Line
        fields = ("number", "name", "said", "on", "cents", "message", "case_id", "fate")
        order_by = ("number",)
        empty_text = later("There is no such line.")

    def render_name(self, record: Line) -> SafeString | str:
        if record.payment_id is None:
            return record.name
        page = reverse("desk:payment", args=[record.payment_id])
        return format_html('<a href="{}">{}</a>', page, record.name)

    def value_name(self, record: Line) -> str:
        return record.name

    def render_said(self, record: Line) -> str:
        return f"{SAID[record.said]} {record.code}".strip()

    def render_on(self, value: date) -> str:
        return date_format(value, "M j, Y")

    def value_on(self, value: date) -> str:
        return value.isoformat()

    def render_cents(self, value: int) -> str:
        return dollars(value)

    def value_cents(self, value: int) -> str:
        return money.dollars(value)

    def render_case_id(self, value: int) -> SafeString:
        return format_html('<a href="{}">#{}</a>', reverse("desk:case", args=[value]), value)

    def value_case_id(self, value: int | None) -> str:
        return str(value or "")

    def render_fate(self, record: Line) -> SafeString:
        words, state = FATES[record.fate]
        return status_badge(state, str(words))

    def value_fate(self, record: Line) -> str:
        return record.fate


def file_badge(row: Reconciliation) -> SafeString:
    if row.status == ReconciliationStatus.QUARANTINED:
        return status_badge("FAILED", str(REFUSED))
    return status_badge(row.status)
