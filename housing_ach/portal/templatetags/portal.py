"""Sentences of the portal, for its templates."""

from django import template
from django.utils.translation import gettext as _

from housing_ach.mandates.models import Autopay
from housing_ach.mandates.states import AutopayMode
from housing_ach.portal.drafts import Draft
from housing_ach.portal.words import PURPOSES, SAID, STEPS
from housing_ach.returns.plain_words import PlainWords, plain_words
from housing_ach.shared.money import dollars
from housing_ach.shared.templatetags.ui import LOOKS, Look

register = template.Library()
SHORTEST_MONTH = 28
MADE = Look(STEPS["MADE"], "flat", "pencil-square")


@register.filter
def sentence(status: str) -> str:
    return str(SAID[status])


@register.filter
def step_words(name: str) -> str:
    return str(STEPS[name])


@register.filter
def step_look(name: str) -> Look:
    return LOOKS.get(name, MADE)


@register.filter
def purpose_words(purpose: str) -> str:
    return str(PURPOSES[purpose])


@register.filter
def plain(code: str) -> PlainWords:
    """What a return code means to whose payment came back."""
    return plain_words(code)


@register.filter
def plain_amount(cents: int) -> str:
    """As a form takes it back."""
    return dollars(cents)


@register.filter
def plan_words(plan: Autopay | Draft) -> str:
    """How much a plan takes."""
    told = {
        "amount": f"${dollars(plan.cents or 0)}",
        "percent": f"{(plan.basis_points or 0) / 100:g}%",
    }
    return {
        AutopayMode.FULL_BALANCE: _("The full balance"),
        AutopayMode.CAPPED: _("The full balance, up to %(amount)s") % told,
        AutopayMode.FIXED: _("%(amount)s each month") % told,
        AutopayMode.PERCENT: _("%(percent)s of the balance") % told,
        AutopayMode.RECURRING_ONLY: _("The regular charges only"),
    }[AutopayMode(plan.mode)]


@register.filter
def day_words(number: int) -> str:
    """A day of every month, in a month that has it or not."""
    told = {"day": number}
    if number > SHORTEST_MONTH:
        return _("Day %(day)s, or the last day of a shorter month") % told
    return _("Day %(day)s of each month") % told
