"""How a fact is written on paper, in the language of the document."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django import template
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.cases.words import kind_words
from housing_ach.shared import charts, money
from housing_ach.shared.business_days import NEW_YORK
from housing_ach.shared.templatetags.ui import LOOKS

register = template.Library()

CHARGES: dict[str | None, Promise] = {
    "RENT": later("Rent"),
    "LATE_FEE": later("Late fee"),
    "SERVICE_FEE": later("Service fee"),
    "NSF_FEE": later("Returned payment fee"),
    "DEPOSIT": later("Security deposit"),
    "UTILITY": later("Utilities"),
    "OTHER": later("Other charge"),
    None: later("Paid ahead"),
}
WORDS: dict[str, Promise] = {
    "CHECKING": later("Checking account"),
    "SAVINGS": later("Savings account"),
    "AUTOPAY": later("Automatic payment"),
    "ONE_TIME": later("One-time payment"),
    "FORWARD": later("on the next banking day"),
    "BACKWARD": later("on the banking day before"),
    "PAPER": later("on paper"),
    "INTERNET": later("online"),
    "TELEPHONE": later("by telephone"),
    "CORPORATE": later("by a company agreement"),
    "PENDING": later("Pending"),
    "PAID": later("Paid"),
    "PARTLY": later("Partly paid"),
    "FULL_BALANCE": later("the full balance"),
    "CAPPED": later("the full balance, up to a limit"),
    "FIXED": later("a fixed amount"),
    "PERCENT": later("a part of the balance"),
    "RECURRING_ONLY": later("the regular charges only"),
}
TONES = {"PAID": "ok", "PENDING": "info", "PARTLY": "warn"}
# "3. When. One payment: ..." is clause 3 with its heading.
CLAUSE = re.compile(r"(\d+\. [^.]+)\. (.+)", re.DOTALL)


class Clause(NamedTuple):
    heading: str
    text: str


@register.filter
def dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}${money.dollars(abs(cents))}"


@register.filter
def taken(cents: int) -> str:
    """A payment: what lowers the balance is told without its minus."""
    return dollars(-cents)


@register.filter
def said(constant: str) -> str:
    """For staff, who call things by their names."""
    return constant.replace("_", " ").capitalize()


@register.filter
def day(on: str | date) -> str:
    return date_format(_date(on), "DATE_FORMAT")


@register.filter
def month(on: str | date) -> str:
    return date_format(_date(on), "YEAR_MONTH_FORMAT")


@register.filter
def moment(at: str | datetime) -> str:
    """New York time, the time of banks."""
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = instant.astimezone(NEW_YORK)
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'TIME_FORMAT')} ET"


@register.filter
def charge_words(kind: str | None) -> str:
    return str(CHARGES.get(kind, CHARGES["OTHER"]))


@register.filter
def case_words(kind: str) -> str:
    return kind_words(kind)


@register.filter
def words(constant: str) -> str:
    known = WORDS.get(constant) or (LOOKS[constant].words if constant in LOOKS else None)
    return str(known or constant.replace("_", " ").capitalize())


@register.filter
def tone(constant: str) -> str:
    return TONES.get(constant) or (LOOKS[constant].tone if constant in LOOKS else "flat")


@register.filter
def percent(rate: Mapping[str, Any]) -> str:
    return f"{charts.Rate(**rate).share:.2%}"


@register.filter
def level_words(rate: Mapping[str, Any]) -> str:
    return charts.Rate(**rate).words


@register.filter
def terms(body: str) -> list[Clause]:
    """The clauses of a signed text; what has no number has no heading."""
    clauses = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        text = " ".join(paragraph.split())
        found = CLAUSE.fullmatch(text)
        clauses.append(Clause(*found.groups()) if found else Clause("", text))
    return clauses


@register.simple_tag
def day_chart(days: Sequence[Mapping[str, Any]], width: int = 560) -> SafeString:
    rows = [charts.Day(**{**row, "on": date.fromisoformat(row["on"])}) for row in days]
    return charts.day_bars(rows, uid="days", width=width)


@register.simple_tag
def rate_chart(rates: Sequence[Mapping[str, Any]], width: int = 340) -> SafeString:
    return charts.rate_levels([charts.Rate(**rate) for rate in rates], uid="rates", width=width)


@register.simple_tag
def reason_chart(reasons: Sequence[Mapping[str, Any]], width: int = 340) -> SafeString:
    rows = [charts.Reason(**reason) for reason in reasons[:8]]
    return charts.reason_bars(rows, uid="reasons", width=width)


@register.simple_tag
def month_chart(months: Sequence[Mapping[str, Any]], width: int = 640) -> SafeString:
    """What was paid and what came back, month by month."""
    bars = [
        charts.Bar(
            label=date_format(on, "M"),
            name=date_format(on, "YEAR_MONTH_FORMAT"),
            settled_cents=row["paid_cents"],
            pending_cents=0,
            returned_cents=row["returned_cents"],
        )
        for row in months
        for on in (date.fromisoformat(row["first_on"]),)
    ]
    title = _("Paid and returned by month")
    return charts.stacked_bars(
        bars, uid="months", title=title, settled=_("Paid"), width=width, height=200
    )


def _date(on: str | date) -> date:
    return date.fromisoformat(on) if isinstance(on, str) else on
