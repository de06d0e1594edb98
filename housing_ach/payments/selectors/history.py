"""Payments as lists show them: everything a row needs in a fixed number of queries."""

from collections.abc import Collection
from datetime import date
from typing import TypedDict, Unpack

from django.db.models import QuerySet

from housing_ach.payments.models import Payment
from housing_ach.payments.states import Direction, Purpose, statuses_of
from housing_ach.tenants.models import Lease, Tenant

TOLD = (Purpose.RENT, Purpose.FEE, Purpose.DEPOSIT)


class Filters(TypedDict, total=False):
    """`words`: public status words. Dates are effective dates, both included."""

    tenant: Tenant
    leases: Collection[Lease]
    words: Collection[str]
    since: date
    until: date


def history(**filters: Unpack[Filters]) -> QuerySet[Payment]:
    """What payers paid, the newest first; neither prenotes nor what verifies an account."""
    found = Payment.objects.filter(direction=Direction.DEBIT, purpose__in=TOLD)
    if "tenant" in filters:
        found = found.filter(tenant=filters["tenant"])
    if "leases" in filters:
        found = found.filter(lease__in=filters["leases"])
    if "words" in filters:
        found = found.filter(status__in=statuses_of(filters["words"]))
    if "since" in filters:
        found = found.filter(effective_on__gte=filters["since"])
    if "until" in filters:
        found = found.filter(effective_on__lte=filters["until"])
    return (
        found.select_related(
            "order", "tenant", "lease__unit__property", "bank_account", "fund__company__profile"
        )
        .prefetch_related("fund__company__profile__windows")
        .order_by("-effective_on", "-pk")
    )
