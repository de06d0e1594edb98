"""The three figures above the list of payments."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import F, Max, Q, QuerySet, Sum

from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import open_shares
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.business_days import roll_forward
from housing_ach.tenants.models import ChargeShare, Lease, Tenant

PAID = (PaymentStatus.SETTLED, PaymentStatus.CLEARED)
YEAR = timedelta(days=365)
LIVE = Q(allocations__release=None)


class Figures(NamedTuple):
    """`on_time` of `due` charges of the last twelve months; what is due next, if anything is."""

    paid_cents: int
    on_time: int
    due: int
    next_on: date | None
    next_cents: int

    @property
    def rate(self) -> int:
        return round(100 * self.on_time / self.due) if self.due else 0


def figures_of(
    tenant: Tenant, leases: Iterable[Lease], paid: QuerySet[Payment], *, on: date
) -> Figures:
    """`paid`: the tenant's payments, of which those settled this year are summed up."""
    of_year = paid.filter(status__in=PAID, effective_on__year=on.year)
    on_time, due = _on_time(tenant, on)
    next_on, next_cents = _next(tenant, leases)
    return Figures(
        of_year.order_by().aggregate(cents=Sum("cents"))["cents"] or 0,
        on_time,
        due,
        next_on,
        next_cents,
    )


def _on_time(tenant: Tenant, on: date) -> tuple[int, int]:
    """A day on which banks are closed is the next one they are open."""
    shares = (
        ChargeShare.objects.filter(
            tenant=tenant, charge__due_on__gt=on - YEAR, charge__due_on__lte=on
        )
        .annotate(
            covered=Sum("allocations__cents", filter=LIVE),
            last_on=Max("allocations__payment__effective_on", filter=LIVE),
        )
        .values_list("charge__due_on", F("cents"), "covered", "last_on")
    )
    rows = list(shares)
    kept = [
        due_on
        for due_on, cents, covered, last_on in rows
        if covered and covered >= cents and last_on <= roll_forward(due_on)
    ]
    return len(kept), len(rows)


def _next(tenant: Tenant, leases: Iterable[Lease]) -> tuple[date | None, int]:
    """What no payment is on its way for: of the earliest day anything is due."""
    free = [
        share
        for lease in leases
        for share in open_shares(lease=lease, tenant=tenant)
        if share.free_cents
    ]
    first = min((share.due_on for share in free), default=None)
    return first, sum(share.free_cents for share in free if share.due_on == first)
