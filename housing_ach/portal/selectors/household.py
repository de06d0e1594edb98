"""Who shares a lease, who owes what of it and who paid: nothing about anybody's bank."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from housing_ach.tenants.models import Charge, ChargeShare, Lease, LeaseShare

MONTHS = timedelta(days=190)
LIVE = Q(allocations__release=None)


class Part(NamedTuple):
    """What one person owes of a charge, and whether it is paid."""

    tenant_id: int
    name: str
    cents: int
    is_paid: bool


@dataclass
class HouseholdCharge:
    charge: Charge
    parts: list[Part] = field(default_factory=list)


@dataclass
class Payer:
    """`open_cents` is due by now and not paid."""

    tenant_id: int
    name: str
    percent: float
    open_cents: int = 0


def household(lease: Lease, *, on: date) -> tuple[list[Payer], list[HouseholdCharge]]:
    """The people of today, and the charges of half a year with everybody's part, the newest first."""
    payers = _payers(lease, on)
    owed: defaultdict[int, int] = defaultdict(int)
    charges: dict[int, HouseholdCharge] = {}
    for share, left in _open(lease):
        if share.charge.due_on <= on:
            owed[share.tenant_id] += left
        if share.charge.due_on > on - MONTHS:
            told = charges.setdefault(share.charge_id, HouseholdCharge(share.charge))
            told.parts.append(Part(share.tenant_id, share.tenant.name, share.cents, left <= 0))
    for payer in payers:
        payer.open_cents = owed[payer.tenant_id]
    return payers, list(charges.values())


def _payers(lease: Lease, on: date) -> list[Payer]:
    shares = list(
        LeaseShare.objects.filter(lease=lease)
        .in_force(on)
        .select_related("tenant")
        .order_by("-is_primary", "pk")
    )
    whole = sum(share.weight for share in shares) or 1
    return [
        Payer(share.tenant_id, share.tenant.name, 100 * share.weight / whole) for share in shares
    ]


def _open(lease: Lease) -> list[tuple[ChargeShare, int]]:
    """Every share with what no settled money covers, those due last first."""
    shares = ChargeShare.objects.filter(charge__lease=lease)
    left = F("cents") - Coalesce(Sum("allocations__cents", filter=LIVE), 0)
    cents = dict(shares.annotate(left=left).values_list("pk", "left"))
    rows = shares.select_related("charge", "tenant")
    return [
        (share, cents[share.pk]) for share in rows.order_by("-charge__due_on", "-charge_id", "pk")
    ]
