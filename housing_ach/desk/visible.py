"""Cases name what they are about in words alone; whose they are is known where all of it is known."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from housing_ach.batches.models import Batch, Entry
from housing_ach.cases.models import Case, CaseQuerySet
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.notices.models import Message
from housing_ach.payments.models import Order, Payment
from housing_ach.payouts.models import MicroDeposits
from housing_ach.returns.models import Correction, Return
from housing_ach.tenants.models import Lease, Membership, Property, Tenant, sees_everything
from housing_ach.users.models import User

SUBJECTS: tuple[Any, ...] = (
    *(Payment, Order, Lease, Mandate, BankAccount, MicroDeposits),
    *(Batch, Entry, Return, Correction),
    *(Message, Tenant),
)


def cases_visible_to(user: User) -> CaseQuerySet:
    """Of the properties the user works for; a tenant sees none. What is about a whole bank, file or
    window is the organisation's."""
    if sees_everything(user):
        return Case.objects.all()
    if not Membership.objects.working(user).exists():
        return Case.objects.none()
    return Case.objects.filter(_about(model.objects.visible_to(user) for model in SUBJECTS))


def about_property(home: Property) -> Q:
    """Of cases about something of this property; what is about a whole batch is not."""
    rows = (model.objects.all() for model in SUBJECTS if model is not Batch)
    return _about(row.filter(**{row.property_path: home}) for row in rows)


def _about(subjects: Iterable[QuerySet[Any]]) -> Q:
    found = Q(pk__in=[])
    for rows in subjects:
        keys = rows.annotate(key=Cast("pk", TextField())).values("key")
        found |= Q(subject=rows.model._meta.label_lower, subject_id__in=keys)
    return found
