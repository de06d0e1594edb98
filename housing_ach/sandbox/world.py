"""A housing organisation made up from a seed: the same seed makes the same one to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from housing_ach.bank.models import BankProfile, Company, Window
from housing_ach.ledger.models import Fund
from housing_ach.ledger.states import FundKind
from housing_ach.payments.models import Limit
from housing_ach.payments.states import Direction
from housing_ach.sandbox.bank.magic import BANK_ROUTING
from housing_ach.sandbox.names import FIRST_NAMES, LAST_NAMES, PROPERTIES
from housing_ach.sandbox.payers import Payer, join
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import (
    ChargeSchedule,
    Lease,
    LeaseShare,
    Property,
    Tenant,
    Unit,
)
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind, Rollout

LONG_AGO = date(2024, 1, 1)
ROOMMATES_SHARE = 0.2
MOVES_IN_SHARE = 0.05


class NotEmpty(Refusal):
    """The database already holds an organisation; a simulation starts from nothing."""


@dataclass
class World:
    """What the month needs to know of what was made."""

    rng: Random
    start: date
    at: datetime
    profile: BankProfile
    fates: list[str]
    properties: list[Property] = field(default_factory=list)
    payers: list[Payer] = field(default_factory=list)


def require_empty() -> None:
    if Property.objects.exists():
        raise NotEmpty("the database already holds an organisation: use --fresh")


def build(*, seed: int, leases: int, start: date, at: datetime, fates: Sequence[str]) -> World:
    """`fates`: what the accounts of the first payers are made for, one each."""
    rng = Random(seed)  # noqa: S311 - a made-up town, no secret
    world = World(rng, start, at, _profile(), list(fates))
    world.properties = _properties(world.profile)
    for number in range(1, leases + 1):
        _move_in(world, number)
    return world


def _profile() -> BankProfile:
    profile = BankProfile.objects.create(
        name="Sandbox Bank",
        is_sandbox=True,
        host="127.0.0.1",
        username="hms",
        host_key="not known yet",
        immediate_destination=BANK_ROUTING,
        immediate_destination_name="SANDBOX BANK",
        immediate_origin="1987654321",
        immediate_origin_name="ALDER HOUSING",
    )
    Window.objects.create(profile=profile, code="NEXT_DAY", cut_off=time(16, 0))
    return profile


def _properties(profile: BankProfile) -> list[Property]:
    operating = _fund(profile, FundKind.OPERATING, "ALDER HOUSING", "1987654321")
    deposit = _fund(profile, FundKind.DEPOSIT_TRUST, "ALDER DEPOSITS", "1987654322")
    return [
        Property.objects.create(
            code=code,
            external_id=code,
            name=name,
            state=state,
            address=address,
            operating_fund=operating,
            deposit_fund=deposit,
            rollout=Rollout.LIVE,
        )
        for code, name, state, address in PROPERTIES
    ]


def _fund(profile: BankProfile, kind: str, name: str, company_id: str) -> Fund:
    company = Company.objects.create(
        profile=profile, name=name, company_id=company_id, odfi=BANK_ROUTING
    )
    Limit.objects.create(
        company=company,
        direction=Direction.DEBIT,
        per_payment_cents=1_000_000,
        per_day_cents=200_000_000,
    )
    return Fund.objects.create(code=kind, kind=kind, name=name.title(), company=company)


def _move_in(world: World, number: int) -> None:
    rng = world.rng
    home = world.properties[number % len(world.properties)]
    unit = Unit.objects.create(property=home, name=str(100 + number))
    moves_in = number > 1 and rng.random() < MOVES_IN_SHARE
    starts_on = world.start + timedelta(days=rng.randint(3, 20)) if moves_in else LONG_AGO
    lease = Lease.objects.create(unit=unit, external_id=f"L-{number:05d}", starts_on=starts_on)
    rent_cents = rng.randrange(650_00, 2850_00, 5_00)
    ChargeSchedule.objects.create(
        lease=lease,
        kind=ChargeKind.RENT,
        cents=rent_cents,
        day_of_month=rng.choices((1, 5, 15, 31), weights=(85, 7, 5, 3))[0] if number > 1 else 1,
        starts_on=starts_on if moves_in else next_month(world.start),
    )
    size = 2 if number > 1 and rng.random() < ROOMMATES_SHARE else 1
    for place in range(size):
        tenant = _tenant(rng, lease, number * 10 + place, is_primary=place == 0)
        fate = world.fates.pop(0) if world.fates else ""
        world.payers.append(join(rng=rng, lease=lease, tenant=tenant, fate=fate, at=world.at))
    if moves_in:
        add_charge(
            lease=lease, kind=ChargeKind.DEPOSIT, cents=rent_cents, due_on=starts_on, at=world.at
        )


def next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def _tenant(rng: Random, lease: Lease, number: int, *, is_primary: bool) -> Tenant:
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    tenant = Tenant.objects.create(
        name=name, email=f"tenant{number}@example.org", external_id=f"T-{number:06d}"
    )
    LeaseShare.objects.create(
        lease=lease,
        tenant=tenant,
        weight=rng.choice((1, 1, 2)),
        is_primary=is_primary,
        starts_on=lease.starts_on,
    )
    return tenant
