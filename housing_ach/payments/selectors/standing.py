"""How a lease stands: what its payers owe, what is on its way, and what they paid ahead."""

from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet, Sum

from housing_ach.payments.models import Allocation, Payment
from housing_ach.payments.selectors.shares import OpenShare, open_shares_of
from housing_ach.payments.states import Direction
from housing_ach.tenants.models import Lease, LeaseShare, Tenant


class Due(NamedTuple):
    """What falls due next, or is overdue longest, and nothing covers yet."""

    on: date
    cents: int


class Standing(NamedTuple):
    """`open_cents` counts what payments in flight aim at; `ahead_cents` is for charges to come."""

    tenant: Tenant
    open_cents: int
    in_flight_cents: int
    ahead_cents: int
    due: Due | None


def standings(lease: Lease) -> list[Standing]:
    """Of each tenant who ever had a share of the lease."""
    payers = Tenant.objects.filter(pk__in=LeaseShare.objects.filter(lease=lease).values("tenant"))
    shares = open_shares_of([lease.pk])
    debits = Payment.objects.in_flight().filter(lease=lease, direction=Direction.DEBIT)
    in_flight = _by_tenant(debits, "tenant")
    ahead = _by_tenant(
        Allocation.objects.live().filter(payment__lease=lease, share=None), "payment__tenant"
    )
    return [
        Standing(
            tenant,
            sum(share.open_cents for share in own),
            in_flight.get(tenant.pk, 0),
            ahead.get(tenant.pk, 0),
            next_due(own),
        )
        for tenant in payers.order_by("pk")
        for own in [shares.get((lease.pk, tenant.pk), [])]
    ]


def next_due(shares: list[OpenShare]) -> Due | None:
    free = [share for share in shares if share.free_cents]
    if not free:
        return None
    on = min(share.due_on for share in free)
    return Due(on, sum(share.free_cents for share in free if share.due_on == on))


def _by_tenant(rows: QuerySet[Payment] | QuerySet[Allocation], tenant: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(tenant).annotate(Sum("cents")))
