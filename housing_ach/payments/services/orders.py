"""A payment somebody asks for: checked whole before anything is written, then made whole."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack

from django.db import transaction

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.services import NotAParty, require_active
from housing_ach.mandates.states import Roll
from housing_ach.payments.models import Order, Payment, PaymentTarget
from housing_ach.payments.selectors import (
    UNDONE,
    OpenShare,
    content_sha,
    limits_of,
    open_shares,
    twin_of,
    under_way,
)
from housing_ach.payments.services.locking import lock_leases, lock_limits
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.services.refusals import (
    DateNotAllowed,
    DuplicatePayment,
    ExternalIdTaken,
    NoAmount,
    NothingOpen,
    OutsideMandate,
    OverLimit,
    PartNotAllowed,
)
from housing_ach.payments.states import (
    Direction,
    OrderKind,
    PaymentStatus,
    Purpose,
)
from housing_ach.shared.business_days import (
    new_york_date,
    roll_backward,
    roll_forward,
)
from housing_ach.shared.money import dollars
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.selectors import effective_policy
from housing_ach.tenants.services import require_live
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.models import User


class Wish(TypedDict):
    """What is asked for. `kinds`: only charges of these kinds are paid."""

    cents: int
    requested_on: date
    kinds: NotRequired[Collection[ChargeKind] | None]
    needs_approval: NotRequired[bool]
    allow_duplicate: NotRequired[bool]
    external_id: NotRequired[str]


class Part(TypedDict):
    """One debit to be: what it takes of which shares."""

    fund_id: int
    purpose: Purpose
    cents: int
    shares: list[tuple[int, int]]


@transaction.atomic
def pay_now(
    *, tenant: Tenant, lease: Lease, mandate: Mandate, by: User, at: datetime, **wish: Unpack[Wish]
) -> Order:
    """Debit the payer's own open charges, oldest first; one payment a fund.

    The same external id with the same content gives the same order. Refusals name the field:
    NotLive, NoAmount, NotAParty, MandateInactive, AccountNotOpen, NotVerified, OutsideMandate,
    DateNotAllowed, NothingOpen, PartNotAllowed, DuplicatePayment, OverLimit, ExternalIdTaken.
    """
    lock_leases([lease.pk])
    if known := _known(tenant, lease, wish):
        return known
    require_live(lease)
    mandate = Mandate.objects.select_related("bank_account").get(pk=mandate.pk)
    _check_permission(tenant, lease, mandate, wish)
    effective_on = _effective_on(lease, mandate, wish["requested_on"], at)
    parts = _parts(tenant, lease, wish, at)
    _check_limits(parts, effective_on)
    order = Order.objects.create(
        kind=OrderKind.ONE_TIME,
        tenant=tenant,
        lease=lease,
        cents=wish["cents"],
        external_id=wish.get("external_id", ""),
        made_by=by,
        made_at=at,
    )
    needs_approval = wish.get("needs_approval", False)
    made = [
        _made(order, mandate, part, wish["requested_on"], effective_on, needs_approval)
        for part in parts
    ]
    tell_made(made)
    return order


def _known(tenant: Tenant, lease: Lease, wish: Wish) -> Order | None:
    external_id = wish.get("external_id", "")
    found = Order.objects.filter(external_id=external_id).first() if external_id else None
    if found is None:
        return None
    days = set(found.payments.values_list("requested_on", flat=True))
    same = (found.tenant_id, found.lease_id, found.cents, days)
    if same != (tenant.pk, lease.pk, wish["cents"], {wish["requested_on"]}):
        raise ExternalIdTaken(
            f"external_id: {external_id} is another order already",
            field="external_id",
            ids=[found.pk],
        )
    return found


def _check_permission(tenant: Tenant, lease: Lease, mandate: Mandate, wish: Wish) -> None:
    cents = wish["cents"]
    if cents <= 0:
        raise NoAmount(f"cents: {dollars(cents)} is no amount to pay", field="cents")
    if (mandate.tenant_id, mandate.lease_id) != (tenant.pk, lease.pk):
        raise NotAParty(f"mandate: #{mandate.pk} is not {tenant}'s for {lease}", field="mandate")
    require_active(mandate)
    if not mandate.min_cents <= cents <= mandate.max_cents:
        span = f"{dollars(mandate.min_cents)} to {dollars(mandate.max_cents)}"
        raise OutsideMandate(
            f"cents: {dollars(cents)} is outside the authorised {span}", field="cents"
        )
    used = mandate.payments.filter(cents__gt=0).exclude(status__in=UNDONE)
    if not mandate.recurring and used.exists():
        raise OutsideMandate(f"mandate: #{mandate.pk} was for one payment only", field="mandate")


def _effective_on(lease: Lease, mandate: Mandate, requested_on: date, at: datetime) -> date:
    """The banking day, rolled as the mandate says, and not before the next file can settle."""
    profile = lease.unit.property.operating_fund.company.profile
    today, signed_on = new_york_date(at), new_york_date(mandate.signed_at)
    if requested_on < today:
        raise DateNotAllowed(f"requested_on: {requested_on} has passed", field="requested_on")
    if requested_on < signed_on:
        raise DateNotAllowed(
            f"requested_on: {requested_on} lies before the authorisation of {signed_on}",
            field="requested_on",
        )
    roll = roll_backward if mandate.roll == Roll.BACKWARD else roll_forward
    return max(roll(requested_on), soonest_effective_date(profile, at))


def _parts(tenant: Tenant, lease: Lease, wish: Wish, at: datetime) -> list[Part]:
    cents, insists = wish["cents"], wish.get("allow_duplicate", False)
    if not insists:
        _refuse_twice(tenant, lease, cents, at)
    shares = open_shares(lease=lease, tenant=tenant, kinds=wish.get("kinds"))
    free, open_ = (sum(getattr(s, name) for s in shares) for name in ("free_cents", "open_cents"))
    if cents > open_ or (cents > free and not insists):
        if cents <= open_:
            raise _under_way(tenant, lease, cents, free)
        raise NothingOpen(f"cents: {dollars(cents)} asked, {dollars(open_)} open", field="cents")
    _check_part(lease, cents, free)
    return _split(shares, cents, lease)


def _check_part(lease: Lease, cents: int, free: int) -> None:
    partial = effective_policy(lease=lease).partial.value
    least = partial.least_cents(free)
    if cents < least:
        raise PartNotAllowed(
            f"cents: {dollars(cents)} asked, at least {dollars(least)} of {dollars(free)} is taken",
            field="cents",
        )


def _refuse_twice(tenant: Tenant, lease: Lease, cents: int, at: datetime) -> None:
    twin = twin_of(tenant=tenant, lease=lease, cents=cents, at=at)
    if twin is not None:
        raise DuplicatePayment(
            f"cents: {dollars(cents)} was asked for by order #{twin.pk} within 24 hours",
            field="cents",
            ids=[twin.pk],
        )


def _under_way(tenant: Tenant, lease: Lease, cents: int, free: int) -> DuplicatePayment:
    ids = [payment.pk for payment in under_way(tenant=tenant, lease=lease)]
    named = ", ".join(f"#{pk}" for pk in ids) or "money paid ahead"
    return DuplicatePayment(
        f"cents: {dollars(cents)} asked, but beside {named} only {dollars(free)} is to be paid",
        field="cents",
        ids=ids,
    )


def _split(shares: Sequence[OpenShare], cents: int, lease: Lease) -> list[Part]:
    """Free shares, oldest first; what insisting adds to them is paid ahead, in operating money."""
    parts: dict[int, Part] = {}
    for share in shares:
        taken = min(cents, share.free_cents)
        if taken:
            part = parts.setdefault(share.fund_id, _part(share.fund_id))
            part["purpose"] = max(part["purpose"], _purpose(share.kind), key=_weight)
            part["cents"] += taken
            part["shares"].append((share.share_id, taken))
            cents -= taken
    if cents:
        fund_id = lease.unit.property.operating_fund_id
        parts.setdefault(fund_id, _part(fund_id))["cents"] += cents
    return [parts[fund_id] for fund_id in sorted(parts)]


def _part(fund_id: int) -> Part:
    return {"fund_id": fund_id, "purpose": Purpose.FEE, "cents": 0, "shares": []}


def _purpose(kind: str) -> Purpose:
    named = {ChargeKind.DEPOSIT: Purpose.DEPOSIT, ChargeKind.RENT: Purpose.RENT}
    return named.get(ChargeKind(kind), Purpose.FEE)


def _weight(purpose: Purpose) -> int:
    return (Purpose.FEE, Purpose.RENT, Purpose.DEPOSIT).index(purpose)


def _check_limits(parts: Sequence[Part], effective_on: date) -> None:
    lock_limits()
    for part in parts:
        limit = limits_of(part["fund_id"], Direction.DEBIT, effective_on)
        for name, used, most in (
            ("payment", 0, limit.per_payment_cents),
            ("day", limit.used_cents, limit.per_day_cents),
        ):
            if most is not None and used + part["cents"] > most:
                raise OverLimit(
                    f"cents: {dollars(part['cents'])} asked, {dollars(used)} of {dollars(most)}"
                    f" a {name} used",
                    field="cents",
                )


def _made(
    order: Order,
    mandate: Mandate,
    part: Part,
    requested_on: date,
    effective_on: date,
    needs_approval: bool,  # noqa: FBT001
) -> int:
    payment = Payment(
        order=order,
        fund_id=part["fund_id"],
        tenant=order.tenant,
        lease=order.lease,
        mandate=mandate,
        bank_account=mandate.bank_account,
        direction=Direction.DEBIT,
        purpose=part["purpose"],
        sec_code=mandate.sec_code,
        cents=part["cents"],
        status=PaymentStatus.AWAITING_APPROVAL if needs_approval else PaymentStatus.SCHEDULED,
        requested_on=requested_on,
        effective_on=effective_on,
        needs_approval=needs_approval,
        made_by=order.made_by,
        made_at=order.made_at,
    )
    payment.content_sha = content_sha(payment, part["shares"])
    payment.save(force_insert=True)
    PaymentTarget.objects.bulk_create(
        PaymentTarget(payment=payment, share_id=share_id, cents=cents)
        for share_id, cents in part["shares"]
    )
    return payment.pk
