"""Whose an exception is: a case names what it is about in words alone."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F, Model, QuerySet, Value

from housing_ach.batches.models import BankFile, Entry
from housing_ach.cases.models import Case
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.notices.models import Message
from housing_ach.payments.models import Order, Payment
from housing_ach.payouts.models import MicroDeposits
from housing_ach.returns.models import Correction, Return
from housing_ach.tenants.models import Lease, Tenant

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


def payment_of(case: Case) -> Payment | None:
    if case.subject != PAYMENT:
        return None
    named = ("tenant", "mandate", "lease__unit__property", "fund__company__profile")
    return Payment.objects.select_related(*named).filter(pk=case.subject_id).first()


def file_of(case: Case) -> BankFile | None:
    if case.subject != FILE:
        return None
    return BankFile.objects.defer("masked").filter(pk=case.subject_id).first()
