"""Properties, units, tenants, leases and what each tenant owes of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import ChargeSchedule, Lease, LeaseShare, Property, Tenant, Unit

Row = TypeVar("Row", bound=models.Model)
VALUE = 40


class BadSetUp(Refusal):
    """A value does not fit; the message names the field and the value."""


def add_property(**fields: Any) -> Property:
    return _added(Property(**fields))


def add_unit(*, property: Property, name: str) -> Unit:
    return _added(Unit(property=property, name=name))


def add_tenant(*, name: str, external_id: str, **fields: Any) -> Tenant:
    return _added(Tenant(name=name, external_id=external_id, **fields))


@transaction.atomic
def add_lease(
    *,
    unit: Unit,
    external_id: str,
    starts_on: date,
    weights: Mapping[Tenant, int],
    ends_on: date | None = None,
) -> Lease:
    """A lease and its payers' shares from its first day; the first tenant named is the primary."""
    lease = _added(Lease(unit=unit, external_id=external_id, starts_on=starts_on, ends_on=ends_on))
    change_shares(lease, weights=weights, from_on=starts_on)
    return lease


@transaction.atomic
def change_shares(lease: Lease, *, weights: Mapping[Tenant, int], from_on: date) -> None:
    """From the day on the lease's charges are shared by `weights`; the first named is the primary.

    Charges already raised keep their shares. Shares that were to begin later are refused.
    """
    if not weights:
        raise BadSetUp("weights: a lease needs a payer", field="weights")
    Lease.objects.select_for_update().get(pk=lease.pk)
    shares = LeaseShare.objects.filter(lease=lease)
    if later := shares.filter(starts_on__gte=from_on).order_by("starts_on").first():
        raise BadSetUp(
            f"from_on: {lease} has shares from {later.starts_on} already",
            field="from_on",
            ids=[later.pk],
        )
    shares.filter(Q(ends_on=None) | Q(ends_on__gte=from_on)).update(
        ends_on=from_on - timedelta(days=1)
    )
    for place, (tenant, weight) in enumerate(weights.items()):
        share = {"lease": lease, "tenant": tenant, "weight": weight, "starts_on": from_on}
        _added(LeaseShare(**share, is_primary=place == 0))


def add_schedule(
    *, lease: Lease, cents: int, starts_on: date | None = None, **fields: Any
) -> ChargeSchedule:
    """A monthly charge, RENT on the 1st unless told otherwise, from the lease's first day."""
    fields["starts_on"] = starts_on or lease.starts_on
    return _added(ChargeSchedule(lease=lease, cents=cents, **fields))


def _added(row: Row) -> Row:
    try:
        row.full_clean()
    except ValidationError as error:
        raise _refusal(row, error) from error
    row.save(force_insert=True)
    return row


def _refusal(row: models.Model, error: ValidationError) -> BadSetUp:
    field, messages = next(iter(error.message_dict.items()))
    value = str(getattr(row, field, ""))[:VALUE]
    told = f"{field}: {value!r}" if value else field
    return BadSetUp(f"{told}: {' '.join(messages)}", field=field)
