"""Parties without what is theirs alone: no name, no address of a tenant leaves."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model, Prefetch, QuerySet

from housing_ach.api.shown.base import day
from housing_ach.tenants.models import Lease, LeaseShare, Property, Tenant, Unit

Shown = dict[str, Any]


def properties() -> QuerySet[Property]:
    return Property.objects.select_related("operating_fund", "deposit_fund")


def units() -> QuerySet[Unit]:
    return Unit.objects.select_related("property")


def tenants() -> QuerySet[Tenant]:
    shares = LeaseShare.objects.filter(ends_on=None).select_related("lease").order_by("lease_id")
    return Tenant.objects.prefetch_related(Prefetch("shares", queryset=shares))


def leases() -> QuerySet[Lease]:
    """With who pays now and on."""
    payers = LeaseShare.objects.filter(ends_on=None).select_related("tenant")
    return Lease.objects.select_related("unit__property").prefetch_related(
        Prefetch("shares", queryset=payers.order_by("-is_primary", "pk"))
    )


def properties_of(rows: Iterable[Property]) -> list[Shown]:
    return [
        _named(row, row.external_id)
        | {
            "code": row.code,
            "name": row.name,
            "state": row.state,
            "address": row.address,
            "operating_fund": row.operating_fund.code,
            "deposit_fund": row.deposit_fund.code,
            "rollout": row.rollout.lower(),
        }
        for row in rows
    ]


def units_of(rows: Iterable[Unit]) -> list[Shown]:
    return [
        _named(row, row.external_id)
        | {"property": row.property.external_id or None, "name": row.name}
        for row in rows
    ]


def tenants_of(rows: Iterable[Tenant]) -> list[Shown]:
    return [
        _named(row, row.external_id)
        | {
            "has_email": bool(row.email),
            "leases": [share.lease.external_id for share in row.shares.all()],
        }
        for row in rows
    ]


def leases_of(rows: Iterable[Lease]) -> list[Shown]:
    return [
        _named(row, row.external_id)
        | {
            "property": row.unit.property.external_id or None,
            "unit": row.unit.external_id or None,
            "starts_on": day(row.starts_on),
            "ends_on": day(row.ends_on),
            "payers": [
                {"tenant": share.tenant.external_id, "weight": share.weight}
                for share in row.shares.all()
            ],
        }
        for row in rows
    ]


def _named(row: Model, external_id: str) -> Shown:
    return {
        "object": row._meta.model_name,
        "id": str(row.pk),
        "external_id": external_id or None,
        "livemode": settings.LIVE_MODE,
    }


class Kind(NamedTuple):
    """How rows of a kind are found, with all that is shown of them, and shown."""

    rows: Callable[[], QuerySet[Any]]
    shown: Callable[[list[Any]], list[Shown]]


PROPERTY = Kind(properties, properties_of)
UNIT = Kind(units, units_of)
TENANT = Kind(tenants, tenants_of)
LEASE = Kind(leases, leases_of)
