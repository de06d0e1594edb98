"""How the tenants of the made-up organisation pay: account, permission, plan."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import (
    add_bank_account,
    mark_verified,
    set_up_autopay,
    sign_mandate,
)
from housing_ach.mandates.states import (
    AccountType,
    AutopayMode,
    Channel,
    OverCap,
    VerificationMethod,
)
from housing_ach.payments.services import send_prenote
from housing_ach.sandbox.bank.magic import RECEIVERS
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.services import system_user

# Accounts of the sandbox bank whose fate is known (docs/bank-files.md), so that a month shows each
# kind of thing that can come back: first what every organisation meets, then what is rare.
EVERYDAY = 4
SHOWN_FATES = (
    "994101",
    "99110",
    "99201",
    "99102",
    "99202",
    "99307",
    "99305",
    "99309",
    "99303",
    "99205",
)
PRENOTE_SHARE = 0.1
BY_HAND_SHARE = 0.08


@dataclass(frozen=True)
class Payer:
    """A tenant of a lease; without autopay he pays by hand when rent falls due."""

    tenant: Tenant
    lease: Lease
    mandate: Mandate
    by_hand: bool


def join(*, rng: Random, lease: Lease, tenant: Tenant, fate: str, at: datetime) -> Payer:
    """`fate` is the beginning of a test account, or empty for one whose outcome is drawn."""
    by_prenote = not fate and rng.random() < PRENOTE_SHARE
    by_hand = not fate and not by_prenote and rng.random() < BY_HAND_SHARE
    account = _account(rng, tenant, fate, at)
    if not by_prenote:
        mark_verified(account, method=VerificationMethod.SERVICE, on=new_york_date(at))
    mandate = _mandate(rng, lease, tenant, account, at)
    if by_prenote:
        send_prenote(mandate=mandate, by=system_user(), at=at)
    if not by_hand:
        _plan(rng, mandate, at, simple=bool(fate))
    return Payer(tenant, lease, mandate, by_hand)


def _account(rng: Random, tenant: Tenant, fate: str, at: datetime) -> BankAccount:
    # Numbers that begin with 99 have a fate of their own.
    prefix = fate or str(rng.randrange(10, 99))
    return add_bank_account(
        tenant=tenant,
        holder_name=tenant.name,
        routing=rng.choice(RECEIVERS),
        account_number=f"{prefix}{rng.randrange(10**7):07d}",
        account_type=rng.choices((AccountType.CHECKING, AccountType.SAVINGS), weights=(85, 15))[0],
        at=at,
    )


def _mandate(
    rng: Random, lease: Lease, tenant: Tenant, account: BankAccount, at: datetime
) -> Mandate:
    channel = rng.choices((Channel.INTERNET, Channel.PAPER), weights=(70, 30))[0]
    online = channel == Channel.INTERNET
    return sign_mandate(
        tenant=tenant,
        lease=lease,
        bank_account=account,
        channel=channel,
        min_cents=1,
        max_cents=600_000,
        signed_name=tenant.name,
        at=at,
        ip="203.0.113.7" if online else None,
        user_agent="Mozilla/5.0 (portal)" if online else "",
    )


def _plan(rng: Random, mandate: Mandate, at: datetime, *, simple: bool) -> None:
    modes = (AutopayMode.FULL_BALANCE, AutopayMode.CAPPED, AutopayMode.FIXED)
    mode = AutopayMode.FULL_BALANCE if simple else rng.choices(modes, weights=(80, 12, 8))[0]
    set_up_autopay(
        mandate=mandate,
        mode=mode,
        cents=None if mode == AutopayMode.FULL_BALANCE else rng.randrange(900_00, 2400_00, 25_00),
        day_of_month=1 if simple else rng.choices((1, 3, 5, 31), weights=(70, 15, 10, 5))[0],
        starts_on=new_york_date(at),
        over_cap=OverCap.PAY_CAP,
    )
