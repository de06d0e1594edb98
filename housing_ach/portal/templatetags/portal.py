"""Sentences of the portal, for its templates."""

from django import template

from housing_ach.portal.words import PURPOSES, SENTENCES, STEPS
from housing_ach.returns.plain_words import PlainWords, plain_words
from housing_ach.shared.money import dollars
from housing_ach.shared.templatetags.ui import LOOKS, Look

register = template.Library()
MADE = Look(STEPS["MADE"], "flat", "pencil-square")


@register.filter
def sentence(status: str) -> str:
    return str(SENTENCES[status])


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
