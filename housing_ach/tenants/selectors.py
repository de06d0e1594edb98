"""What is in force for a property, with the level that decided it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, overload

from django.db import connection
from django.db.models import Q

from housing_ach.tenants.models import Lease, Policy, Property
from housing_ach.tenants.models.policies import WHOLE_BPS
from housing_ach.tenants.states import Origin, PartialRule, Roll, Rollout, VerificationOffer

Value = TypeVar("Value")

ROLLOUTS = "SELECT lease_id, rollout FROM tenants_leaserollout WHERE lease_id = ANY(%s)"


class Partial(NamedTuple):
    """How little of the balance may be paid at a time."""

    rule: PartialRule
    cents: int | None = None
    bps: int | None = None

    def least_cents(self, balance_cents: int) -> int:
        """The least payment towards a balance; a share of it is rounded up."""
        if self.rule == PartialRule.DENY:
            return balance_cents
        if self.rule == PartialRule.MIN_AMOUNT:
            return min(self.cents or 0, balance_cents)
        if self.rule == PartialRule.MIN_PERCENT:
            return -(-balance_cents * (self.bps or 0) // WHOLE_BPS)
        return min(1, balance_cents)


@dataclass(frozen=True)
class Setting(Generic[Value]):
    value: Value
    origin: Origin


@dataclass(frozen=True)
class EffectivePolicy:
    """`reminder_days` before a debit, `verification` the methods payers are offered."""

    partial: Setting[Partial]
    verification: Setting[tuple[VerificationOffer, ...]]
    roll: Setting[Roll]
    reminder_days: Setting[tuple[int, ...]]
    nsf_fee_cents: Setting[int]


@overload
def effective_policy(*, lease: Lease) -> EffectivePolicy: ...
@overload
def effective_policy(*, property: Property) -> EffectivePolicy: ...
@overload
def effective_policy() -> EffectivePolicy: ...
def effective_policy(
    *, lease: Lease | None = None, property: Property | None = None
) -> EffectivePolicy:
    """What is in force there; for nobody in particular, what the organisation says."""
    if lease is not None:
        property_id: int | None = lease.unit.property_id
    else:
        property_id = property.pk if property else None
    levels = Policy.objects.filter(Q(property=None) | Q(property=property_id))
    return _resolved(levels)


def effective_policies(property_ids: Iterable[int]) -> dict[int, EffectivePolicy]:
    """By property, in one query however many there are."""
    ids = set(property_ids)
    rows = list(Policy.objects.filter(Q(property=None) | Q(property__in=ids)))
    return {
        pk: _resolved([row for row in rows if row.property_id in {None, pk}]) for pk in sorted(ids)
    }


def rollout_of(lease: Lease) -> Rollout:
    """LIVE, SHADOW or DISABLED: a pilot is one of the first two for each lease."""
    return rollouts_of([lease.pk])[lease.pk]


def rollouts_of(lease_ids: Iterable[int]) -> dict[int, Rollout]:
    with connection.cursor() as cursor:
        cursor.execute(ROLLOUTS, [list(lease_ids)])
        return {pk: Rollout(mode) for pk, mode in cursor.fetchall()}


def _resolved(levels: Iterable[Policy]) -> EffectivePolicy:
    by_nearness = sorted(levels, key=lambda level: level.property_id is None)
    return EffectivePolicy(
        partial=_first(by_nearness, _partial, Partial(PartialRule.ALLOW)),
        verification=_first(by_nearness, _verification, tuple(VerificationOffer)),
        roll=_first(
            by_nearness, lambda level: Roll(level.roll) if level.roll else None, Roll.FORWARD
        ),
        reminder_days=_first(by_nearness, _reminder_days, (7, 1)),
        nsf_fee_cents=_first(by_nearness, lambda level: level.nsf_fee_cents, 0),
    )


def _first(
    levels: Sequence[Policy], read: Callable[[Policy], Value | None], default: Value
) -> Setting[Value]:
    for level in levels:
        value = read(level)
        if value is not None:
            return Setting(value, Origin.PROPERTY if level.property_id else Origin.ORGANISATION)
    return Setting(default, Origin.DEFAULT)


def _partial(level: Policy) -> Partial | None:
    if not level.partial:
        return None
    return Partial(PartialRule(level.partial), level.partial_cents, level.partial_bps)


def _verification(level: Policy) -> tuple[VerificationOffer, ...] | None:
    said = level.verification
    return None if said is None else tuple(offer for offer in VerificationOffer if offer in said)


def _reminder_days(level: Policy) -> tuple[int, ...] | None:
    said = level.reminder_days
    return None if said is None else tuple(sorted(said, reverse=True))
