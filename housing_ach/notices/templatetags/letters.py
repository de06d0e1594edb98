"""How a fact is written in a message, in the language of its reader."""

from datetime import date
from typing import Any, NamedTuple

from django import template
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.shared import money

register = template.Library()

CHARGES: dict[str, Promise] = {
    "RENT": _("Rent"),
    "LATE_FEE": _("Late fee"),
    "SERVICE_FEE": _("Service fee"),
    "NSF_FEE": _("Returned payment fee"),
    "DEPOSIT": _("Security deposit"),
    "UTILITY": _("Utilities"),
    "OTHER": _("Other charge"),
    "": _("Paid ahead"),
}


class Cents(NamedTuple):
    """An amount among the facts of a message."""

    cents: int


@register.filter
def dollars(cents: int) -> str:
    return f"${money.dollars(cents)}"


@register.filter
def day(on: date) -> str:
    return date_format(on, "DATE_FORMAT")


@register.filter
def fact(value: Any) -> str:
    if isinstance(value, Cents):
        return dollars(value.cents)
    return day(value) if isinstance(value, date) else str(value)
