"""Whose an exception is: a case names what it is about in words alone."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F, Model, QuerySet, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.cases.models import Case
from housing_ach.erp.models import Posting, Target
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.notices.models import Message
from housing_ach.payments.models import Order, Payment
from housing_ach.payouts.models import MicroDeposits
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.returns.models import Correction, Return
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.models import Client
from housing_ach.webhooks.models import Endpoint

# The way from a subject to its tenant's name and to its unit, where there is one.
WAYS: dict[Any, tuple[str, str]] = {
    Payment: ("tenant__name", "lease__unit"),
    Order: ("tenant__name", "lease__unit"),
    Lease: ("", "unit"),
    Mandate: ("tenant__name", "lease__unit"),
    BankAccount: ("tenant__name", ""),
    MicroDeposits: ("order__tenant__name", "order__lease__unit"),
    Entry: ("payment__tenant__name", "payment__lease__unit"),
    Return: ("entry__payment__tenant__name", "entry__payment__lease__unit"),
    Correction: ("entry__payment__tenant__name", "entry__payment__lease__unit"),
    Message: ("tenant__name", ""),
    Tenant: ("name", ""),
}
LABELS = {model._meta.label_lower: model for model in WAYS}
PAYMENT = Payment._meta.label_lower
FILE = BankFile._meta.label_lower
TARGET = Target._meta.label_lower
# What has a page of its own beside payments: what it is called there, and the page.
PAGES: dict[str, tuple[Promise, str]] = {
    Batch._meta.label_lower: (_("Batch"), "desk:batch"),
    Client._meta.label_lower: (_("API client"), "desk:client"),
    Endpoint._meta.label_lower: (_("Webhook"), "desk:endpoint"),
    Posting._meta.label_lower: (_("Posting"), "desk:erp-posting"),
    Reconciliation._meta.label_lower: (_("Settlement file"), "desk:reconciliation"),
    TARGET: (_("ERP"), "desk:erp-target"),
}


class Place(NamedTuple):
    """Empty where nobody in particular is meant."""

    tenant: str = ""
    unit: str = ""
    property: str = ""
    property_id: int | None = None


def places(cases: Iterable[Case]) -> dict[int, Place]:
    """By case; one query for each kind of subject among them."""
    wanted: defaultdict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        if case.subject in LABELS and case.subject_id.isdecimal():
            wanted[case.subject][case.subject_id].append(case.pk)
    return {
        pk: Place(tenant or "", unit or "", home or "", home_id)
        for label, ids in wanted.items()
        for key, tenant, unit, home, home_id in _look_up(label, list(ids))
        for pk in ids[str(key)]
    }


def _look_up(label: str, ids: list[str]) -> QuerySet[Any, tuple[Any, ...]]:
    model: type[Model] = LABELS[label]
    tenant, unit = WAYS[model]
    nobody = Value("")
    return model._default_manager.filter(pk__in=ids).values_list(
        "pk",
        F(tenant) if tenant else nobody,
        F(f"{unit}__name") if unit else nobody,
        F(f"{unit}__property__name") if unit else nobody,
        F(f"{unit}__property") if unit else Value(None),
    )


def page_of(case: Case) -> tuple[Promise, str, str] | None:
    """What it is called, its number, and its page. A day of a target is `<target>:<day>`."""
    key, _sep, day = case.subject_id.partition(":")
    if case.subject not in PAGES or not key.isdecimal():
        return None
    words, name = PAGES[case.subject]
    query = {"compare": day} if day and case.subject == TARGET else None
    return words, case.subject_id, reverse(name, args=[key], query=query)


def payment_of(case: Case) -> Payment | None:
    if case.subject != PAYMENT:
        return None
    named = ("tenant", "mandate", "lease__unit__property", "fund__company__profile")
    return Payment.objects.select_related(*named).filter(pk=case.subject_id).first()


def file_of(case: Case) -> BankFile | None:
    if case.subject != FILE:
        return None
    return BankFile.objects.defer("masked").filter(pk=case.subject_id).first()
