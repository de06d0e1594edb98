"""Who owes how much of a lease's charges, from a day on."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, LeaseShare, Tenant


class BadShares(Refusal):
    """The shares leave the lease without a payer, or would change what was agreed for later."""


@transaction.atomic
def change_shares(lease: Lease, *, weights: Mapping[Tenant, int], from_on: date) -> None:
    """From the day on the lease's charges are shared by `weights`; the first named is the primary.

    Charges already raised keep their shares.
    """
    if not weights or min(weights.values()) <= 0:
        raise BadShares(
            "weights: each must be above zero, and one tenant must pay", field="weights"
        )
    Lease.objects.select_for_update().get(pk=lease.pk)
    shares = LeaseShare.objects.filter(lease=lease)
    if later := shares.filter(starts_on__gte=from_on).order_by("starts_on").first():
        raise BadShares(
            f"from_on: {lease} has shares from {later.starts_on} already",
            field="from_on",
            ids=[later.pk],
        )
    shares.filter(Q(ends_on=None) | Q(ends_on__gte=from_on)).update(
        ends_on=from_on - timedelta(days=1)
    )
    LeaseShare.objects.bulk_create(
        LeaseShare(
            lease=lease, tenant=tenant, weight=weight, is_primary=place == 0, starts_on=from_on
        )
        for place, (tenant, weight) in enumerate(weights.items())
    )
