"""The way from one record of the admin to the next."""

from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

if TYPE_CHECKING:
    from django.db.models import Model

NOTHING = "-"


def link(row: "Model | None") -> str:
    """To the row's own page."""
    if row is None:
        return NOTHING
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row.pk]), row)


def list_link(model: "type[Model]", words: str, **filters: object) -> str:
    """To the model's list, filtered."""
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', page, query, words)


def subject_link(label: str, pk: object) -> str:
    """To what a record is about, given as text: "payments.payment" and an id."""
    app, _, model = label.partition(".")
    words = f"{model or label} {pk}"
    try:
        page = reverse(f"admin:{app}_{model}_change", args=[pk])
    except NoReverseMatch:
        return words
    return format_html('<a href="{}">{}</a>', page, words)
