"""Whether a debit may be made, and of what it consists: the rules of one, whoever asks for how many."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypedDict

from housing_ach.mandates.models import Mandate
from housing_ach.mandates.services import NotAParty, require_active
from housing_ach.mandates.states import Roll
from housing_ach.payments.selectors import OpenShare
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
from housing_ach.payments.services.wishes import Facts, Wish
from housing_ach.payments.states import Purpose
from housing_ach.shared.business_days import new_york_date, roll_backward, roll_forward
from housing_ach.shared.money import dollars
from housing_ach.tenants.services import refuse_unless_live
from housing_ach.tenants.states import ChargeKind


class Part(TypedDict):
    """One debit to be: what it takes of which shares."""

    fund_id: int
    purpose: Purpose
    cents: int
    shares: list[tuple[int, int]]


class Grant(NamedTuple):
    """What may be made of a wish."""

    wish: Wish
    mandate: Mandate
    effective_on: date
    parts: list[Part]


def judge(wish: Wish, facts: Facts) -> Grant:
    """Raises what `pay_now` refuses with; what is granted is taken from the facts."""
    _refuse_named_twice(wish, facts)
    lease = facts.leases[wish.lease_id]
    refuse_unless_live(lease, facts.rollouts[lease.pk])
    mandate = facts.mandates[wish.mandate_id]
    _check_permission(wish, mandate, facts)
    effective_on = _effective_on(wish, mandate, facts)
    parts = _parts(wish, facts)
    _check_limits(parts, effective_on, facts)
    _take(wish, parts, effective_on, facts)
    return Grant(wish, mandate, effective_on, parts)


def require_same(wish: Wish, facts: Facts) -> None:
    """An external id names one order for ever."""
    found = facts.known[wish.external_id]
    days = set(found.payments.values_list("requested_on", flat=True))
    same = (found.tenant_id, found.lease_id, found.cents, days)
    if same != (wish.tenant_id, wish.lease_id, wish.cents, {wish.requested_on}):
        raise ExternalIdTaken(
            f"external_id: {wish.external_id} is another order already",
            field="external_id",
            ids=[found.pk],
        )


def _refuse_named_twice(wish: Wish, facts: Facts) -> None:
    if wish.external_id in facts.named:
        raise ExternalIdTaken(
            f"external_id: {wish.external_id} is named twice in the same request",
            field="external_id",
        )


def _check_permission(wish: Wish, mandate: Mandate, facts: Facts) -> None:
    cents = wish.cents
    if cents <= 0:
        raise NoAmount(f"cents: {dollars(cents)} is no amount to pay", field="cents")
    if (mandate.lease_id, mandate.tenant_id) != wish.payer:
        raise NotAParty(
            f"mandate: #{mandate.pk} is not this payer's for {facts.leases[wish.lease_id]}",
            field="mandate",
        )
    require_active(mandate)
    if not mandate.min_cents <= cents <= mandate.max_cents:
        span = f"{dollars(mandate.min_cents)} to {dollars(mandate.max_cents)}"
        raise OutsideMandate(
            f"cents: {dollars(cents)} is outside the authorised {span}", field="cents"
        )
    if mandate.pk in facts.used_up:
        raise OutsideMandate(f"mandate: #{mandate.pk} was for one payment only", field="mandate")


def _effective_on(wish: Wish, mandate: Mandate, facts: Facts) -> date:
    """The banking day, rolled as the mandate says, and not before the next file can settle."""
    requested_on = wish.requested_on
    today, signed_on = new_york_date(facts.at), new_york_date(mandate.signed_at)
    if requested_on < today:
        raise DateNotAllowed(f"requested_on: {requested_on} has passed", field="requested_on")
    if requested_on < signed_on:
        raise DateNotAllowed(
            f"requested_on: {requested_on} lies before the authorisation of {signed_on}",
            field="requested_on",
        )
    roll = roll_backward if mandate.roll == Roll.BACKWARD else roll_forward
    return max(roll(requested_on), facts.soonest_of(facts.home(wish)))


def _parts(wish: Wish, facts: Facts) -> list[Part]:
    cents, insists = wish.cents, wish.allow_duplicate
    if not insists:
        _refuse_twice(wish, facts)
    kinds = wish.kinds
    shares = [
        share for share in facts.shares.get(wish.payer, []) if kinds is None or share.kind in kinds
    ]
    free, open_ = (sum(getattr(s, name) for s in shares) for name in ("free_cents", "open_cents"))
    if cents > open_ or (cents > free and not insists):
        if cents <= open_:
            raise _under_way(wish, free, facts)
        raise NothingOpen(f"cents: {dollars(cents)} asked, {dollars(open_)} open", field="cents")
    home = facts.home(wish)
    least = facts.policies[home.pk].partial.value.least_cents(free)
    if cents < least:
        raise PartNotAllowed(
            f"cents: {dollars(cents)} asked, at least {dollars(least)} of {dollars(free)} is taken",
            field="cents",
        )
    return _split(shares, cents, home.operating_fund_id)


def _refuse_twice(wish: Wish, facts: Facts) -> None:
    twin = facts.twins.get((wish.payer, wish.cents))
    if twin is not None:
        raise DuplicatePayment(
            f"cents: {dollars(wish.cents)} was asked for by order #{twin} within 24 hours",
            field="cents",
            ids=[twin],
        )
    if (wish.payer, wish.cents) in facts.asked:
        raise DuplicatePayment(
            f"cents: {dollars(wish.cents)} is asked for twice in the same request", field="cents"
        )


def _under_way(wish: Wish, free: int, facts: Facts) -> DuplicatePayment:
    ids = facts.under_way(wish.payer)
    named = ", ".join(f"#{pk}" for pk in ids) or "money paid ahead or asked for beside it"
    return DuplicatePayment(
        f"cents: {dollars(wish.cents)} asked, but beside {named} only {dollars(free)} is to be paid",
        field="cents",
        ids=ids,
    )


def _split(shares: Sequence[OpenShare], cents: int, operating_fund_id: int) -> list[Part]:
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
        parts.setdefault(operating_fund_id, _part(operating_fund_id))["cents"] += cents
    return [parts[fund_id] for fund_id in sorted(parts)]


def _part(fund_id: int) -> Part:
    return {"fund_id": fund_id, "purpose": Purpose.FEE, "cents": 0, "shares": []}


def _purpose(kind: str) -> Purpose:
    named = {ChargeKind.DEPOSIT: Purpose.DEPOSIT, ChargeKind.RENT: Purpose.RENT}
    return named.get(ChargeKind(kind), Purpose.FEE)


def _weight(purpose: Purpose) -> int:
    return (Purpose.FEE, Purpose.RENT, Purpose.DEPOSIT).index(purpose)


def _check_limits(parts: Sequence[Part], effective_on: date, facts: Facts) -> None:
    for part in parts:
        company_id = facts.companies[part["fund_id"]]
        limit = facts.limits_of(company_id, effective_on)
        used = limit.used_cents + facts.moved_cents[company_id, effective_on]
        for name, before, most in (
            ("payment", 0, limit.per_payment_cents),
            ("day", used, limit.per_day_cents),
        ):
            if most is not None and before + part["cents"] > most:
                raise OverLimit(
                    f"cents: {dollars(part['cents'])} asked, {dollars(before)} of {dollars(most)}"
                    f" a {name} used",
                    field="cents",
                )


def _take(wish: Wish, parts: Sequence[Part], effective_on: date, facts: Facts) -> None:
    facts.asked.add((wish.payer, wish.cents))
    if wish.external_id:
        facts.named.add(wish.external_id)
    if not facts.mandates[wish.mandate_id].recurring:
        facts.used_up.add(wish.mandate_id)
    taken = {share_id: cents for part in parts for share_id, cents in part["shares"]}
    facts.shares[wish.payer] = [
        share._replace(free_cents=share.free_cents - taken.get(share.share_id, 0))
        for share in facts.shares.get(wish.payer, [])
    ]
    for part in parts:
        facts.moved_cents[facts.companies[part["fund_id"]], effective_on] += part["cents"]
