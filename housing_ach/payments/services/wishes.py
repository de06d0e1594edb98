"""What is asked for, and everything the rules have to know to judge it: read once for all of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.ledger.models import Fund
from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors import (
    TWICE,
    UNDONE,
    Limits,
    OpenShare,
    limits_of,
    open_shares_of,
)
from housing_ach.payments.states import Direction, OrderKind
from housing_ach.tenants.models import Lease, Property
from housing_ach.tenants.selectors import EffectivePolicy, effective_policies, rollouts_of
from housing_ach.tenants.states import ChargeKind, Rollout

Payer = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One debit. `kinds`: only charges of these kinds are paid; `metadata` is the asker's own."""

    tenant_id: int
    lease_id: int
    mandate_id: int
    cents: int
    requested_on: date
    kinds: Collection[ChargeKind] | None = None
    needs_approval: bool = False
    allow_duplicate: bool = False
    external_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def payer(self) -> Payer:
        return self.lease_id, self.tenant_id


@dataclass(slots=True)
class Facts:
    """As they stand under the locks of the leases and the limits.

    `shares`, `named`, `asked`, `used_up` and `moved_cents` move along with what is granted, so that a wish sees those
    before it.
    """

    at: datetime
    known: dict[str, Order]
    leases: dict[int, Lease]
    homes: dict[int, Property]
    rollouts: dict[int, Rollout]
    policies: dict[int, EffectivePolicy]
    mandates: dict[int, Mandate]
    used_up: set[int]
    shares: dict[Payer, list[OpenShare]]
    twins: dict[tuple[Payer, int], int]
    companies: dict[int, int]
    named: set[str] = field(default_factory=set)
    asked: set[tuple[Payer, int]] = field(default_factory=set)
    soonest: dict[int, date] = field(default_factory=dict)
    limits: dict[tuple[int, date], Limits] = field(default_factory=dict)
    moved_cents: Counter[tuple[int, date]] = field(default_factory=Counter)
    in_flight: dict[Payer, list[int]] | None = None

    def under_way(self, payer: Payer) -> list[int]:
        """Debits that have not settled yet, the oldest first. Read for all once somebody is refused."""
        if self.in_flight is None:
            self.in_flight = _in_flight(self.leases)
        return self.in_flight.get(payer, [])

    def home(self, wish: Wish) -> Property:
        return self.homes[self.leases[wish.lease_id].unit.property_id]

    def soonest_of(self, home: Property) -> date:
        profile = home.operating_fund.company.profile
        if profile.pk not in self.soonest:
            self.soonest[profile.pk] = soonest_effective_date(profile, self.at)
        return self.soonest[profile.pk]

    def limits_of(self, company_id: int, on: date) -> Limits:
        if (company_id, on) not in self.limits:
            fund_ids = [pk for pk, owner in self.companies.items() if owner == company_id]
            self.limits[company_id, on] = limits_of(company_id, fund_ids, Direction.DEBIT, on)
        return self.limits[company_id, on]


def facts_of(wishes: Sequence[Wish], *, at: datetime) -> Facts:
    """The caller has the leases and the limits locked."""
    leases = Lease.objects.select_related("unit").in_bulk({wish.lease_id for wish in wishes})
    home_ids = {lease.unit.property_id for lease in leases.values()}
    homes = Property.objects.select_related("operating_fund__company__profile").in_bulk(home_ids)
    mandates = Mandate.objects.select_related("bank_account").in_bulk(
        {wish.mandate_id for wish in wishes}
    )
    named = {wish.external_id for wish in wishes if wish.external_id}
    return Facts(
        at=at,
        known={row.external_id: row for row in Order.objects.filter(external_id__in=named)},
        leases=leases,
        homes=homes,
        rollouts=rollouts_of(leases),
        policies=effective_policies(homes),
        mandates=mandates,
        used_up=_used_up(pk for pk, mandate in mandates.items() if not mandate.recurring),
        shares=open_shares_of(leases),
        twins=_twins(leases, at),
        companies=dict(Fund.objects.values_list("pk", "company_id")),
    )


def _used_up(once_ids: Iterable[int]) -> set[int]:
    """Of the permissions for one payment those that have had it."""
    used = Payment.objects.filter(mandate__in=list(once_ids), cents__gt=0)
    return set(used.exclude(status__in=UNDONE).values_list("mandate_id", flat=True))


def _twins(leases: Iterable[int], at: datetime) -> dict[tuple[Payer, int], int]:
    """The first order of a payer and an amount made within a day, unless it was undone."""
    recent = Order.objects.filter(
        kind__in=(OrderKind.AUTOPAY, OrderKind.ONE_TIME),
        lease__in=list(leases),
        made_at__gt=at - TWICE,
    ).exclude(payments__status__in=UNDONE)
    rows = recent.order_by("-pk").values_list("lease_id", "tenant_id", "cents", "pk")
    return {((lease, tenant), cents): pk for lease, tenant, cents, pk in rows}


def _in_flight(leases: Iterable[int]) -> dict[Payer, list[int]]:
    found: dict[Payer, list[int]] = {}
    rows = Payment.objects.in_flight().filter(
        lease__in=list(leases), direction=Direction.DEBIT, cents__gt=0
    )
    for lease, tenant, pk in rows.order_by("pk").values_list("lease_id", "tenant_id", "pk"):
        found.setdefault((lease, tenant), []).append(pk)
    return found
