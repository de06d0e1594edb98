"""How far a property has come: from nothing, over the shadow and a pilot, to live."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from housing_ach.audit.move import record
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, PilotLease, Property
from housing_ach.tenants.readiness import Check, readiness
from housing_ach.tenants.selectors import rollout_of
from housing_ach.tenants.services.set_up import require_administrator
from housing_ach.tenants.states import Rollout
from housing_ach.users.models import User

SENDING = frozenset({Rollout.PILOT, Rollout.LIVE})
REASON = 300


class NotLive(Refusal):
    """Nothing is debited at the lease's property yet, or any more."""


class NotReady(Refusal):
    """Checks of the property fail; `failed` are those, and a named reason overrides them."""

    def __init__(self, property: Property, failed: Iterable[Check]) -> None:
        self.failed = tuple(failed)
        named = ", ".join(check.code for check in self.failed)
        super().__init__(
            f"rollout: {property.code} is not ready ({named})", field="rollout", ids=[property.pk]
        )


@transaction.atomic
def set_rollout(
    property: Property, mode: Rollout, *, by: User, at: datetime, override: str = ""
) -> None:
    """What is frozen or with the bank runs its course; what is not yet, is looked at again.

    Raises NotAllowed, or NotReady where money would move although a check fails and nobody said why
    (`override`).
    """
    require_administrator(by, property)
    locked = Property.objects.select_for_update(of=("self",)).get(pk=property.pk)
    was = locked.rollout
    if was != mode:
        failed = _failed(locked, mode, at) if mode in SENDING else []
        if failed and not override.strip():
            raise NotReady(locked, failed)
        Property.objects.filter(pk=locked.pk).update(rollout=mode)
        data = {"was": was, "became": mode, "failed": [check.code for check in failed]}
        reason = override.strip()[:REASON] if failed else ""
        record("property.rollout", locked, data=data | {"override": reason, "at": at})
    property.rollout = mode


@transaction.atomic
def name_pilot(lease: Lease, *, by: User, at: datetime) -> PilotLease:
    """Live from now on while its property is in PILOT. Naming it again does nothing."""
    _lock_property_of(lease, by=by)
    pilot, _ = PilotLease.objects.get_or_create(
        lease=lease, defaults={"named_by": by, "named_at": at}
    )
    return pilot


@transaction.atomic
def end_pilot(lease: Lease, *, by: User) -> None:
    _lock_property_of(lease, by=by)
    PilotLease.objects.filter(lease=lease).delete()


def require_live(lease: Lease) -> None:
    refuse_unless_live(lease, rollout_of(lease))


def refuse_unless_live(lease: Lease, mode: Rollout) -> None:
    if mode != Rollout.LIVE:
        raise NotLive(
            f"lease: payments online are not open for {lease} ({mode})",
            field="lease",
            ids=[lease.pk],
        )


def _failed(property: Property, mode: Rollout, at: datetime) -> list[Check]:
    checks = readiness(property, on=new_york_date(at), mode=mode)
    return [check for check in checks if not check.ok]


def _lock_property_of(lease: Lease, *, by: User) -> None:
    """A freeze under way ends first; one to come sees what is decided."""
    home = Property.objects.select_for_update(of=("self",)).get(units__leases=lease)
    require_administrator(by, home)
