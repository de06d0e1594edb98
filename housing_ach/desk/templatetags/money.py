"""How a value is written for a person: dollars, New York time, words instead of constants."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.translation import gettext_lazy as _

from housing_ach.cases.words import kind_words
from housing_ach.nacha.codes import RETURN_CODES
from housing_ach.shared import money
from housing_ach.shared.templatetags.ui import status_words

register = template.Library()
NEW_YORK = ZoneInfo("America/New_York")

OF_BATCH = {"ACCEPTED": _("Accepted by the bank"), "SETTLED": _("Settled")}
TONES = {
    "DRAFT": "warn",
    "APPROVED": "info",
    "FROZEN": "info",
    "UPLOADING": "info",
    "PUBLISHING": "info",
    "SENT": "info",
    "PUBLISHED": "info",
    "ACCEPTED": "info",
    "APPLIED": "ok",
    "SETTLED": "ok",
    "HELD": "hold",
    "REJECTED": "bad",
    "QUARANTINED": "bad",
}


@register.filter
def dollars(cents: int | None) -> str:
    return f"${money.dollars(cents or 0)}"


@register.filter
def signed(cents: int) -> str:
    """The sign before the dollars: what is below zero is the other's."""
    return f"\N{MINUS SIGN}{dollars(-cents)}" if cents < 0 else dollars(cents)


@register.filter
def percent(share: float) -> str:
    return f"{share:.2%}"


@register.filter
def change(share: float) -> str:
    """Without its sign, which an arrow tells."""
    return f"{abs(share):.1%}"


@register.filter
def points(number: float) -> str:
    return f"{abs(number):.2f}"


@register.filter
def basis_points(bps: int) -> str:
    return f"{bps / 100:.2f} %"


@register.filter
def newyork(at: datetime) -> str:
    return f"{newyork_day(at)} {at.astimezone(NEW_YORK):%H:%M}"


@register.filter
def newyork_day(at: datetime) -> str:
    local = at.astimezone(NEW_YORK)
    return f"{local:%b} {local.day}, {local.year}"


@register.filter
def left_since(until: datetime, since: datetime) -> str:
    """As the page's script goes on counting, so that nothing moves when it begins."""
    minutes = max(0, int((until - since).total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@register.filter
def words(constant: str) -> str:
    return constant.replace("_", " ").capitalize()


@register.filter
def case_words(kind: str) -> str:
    return kind_words(kind)


@register.filter
def batch_words(status: str) -> str:
    """A batch or file is not paid, as a payment is: some of its entries may have come back."""
    return str(OF_BATCH.get(status) or status_words(status))


@register.filter
def tone(status: str) -> str:
    return TONES.get(status, "flat")


@register.filter
def return_words(code: str) -> str:
    known = RETURN_CODES.get(code)
    return known.meaning if known else "not known"
