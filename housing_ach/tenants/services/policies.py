"""What is in force, said by level; the audit keeps who changed it, from what to what."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Policy, Property
from housing_ach.tenants.models.policies import REMINDER_DAYS, WHOLE_BPS
from housing_ach.tenants.selectors import effective_policy
from housing_ach.tenants.services.set_up import require_administrator
from housing_ach.tenants.states import PartialRule, Roll, VerificationOffer
from housing_ach.users.models import User


class BadPolicy(Refusal):
    """The policy has no such value; `field` names which."""


class NotOffered(Refusal):
    """Payers of the property are not offered this way to have an account verified."""


class PolicyTerms(TypedDict, total=False):
    """Only what is named is changed; None: the level above decides again.

    `partial` is said together with what it needs: `partial_cents` of MIN_AMOUNT, `partial_bps`
    (hundredths of a percent) of MIN_PERCENT.
    """

    partial: str | None
    partial_cents: int | None
    partial_bps: int | None
    verification: Collection[str] | None
    roll: str | None
    reminder_days: Collection[int] | None
    nsf_fee_cents: int | None


@transaction.atomic
def set_policy(
    *, by: User, at: datetime, property: Property | None = None, **terms: Unpack[PolicyTerms]
) -> Policy:
    """Of the property, or without one of the organisation.

    Raises NotAllowed, or BadPolicy naming the field.
    """
    require_administrator(by, property)
    for name, value in terms.items():
        if name not in PolicyTerms.__annotations__:
            raise BadPolicy(f"{name}: there is no such policy", field=name)
        if value is not None and name in RULES:
            RULES[name](value)
    _check_partial(terms)
    columns = _columns(terms) | {"changed_by": by, "changed_at": at}
    policy, is_new = Policy.objects.get_or_create(property=property, defaults=columns)
    if not is_new:
        Policy.objects.filter(pk=policy.pk).update(**columns)
        policy.refresh_from_db()
    return policy


def require_offered(lease: Lease, method: str) -> None:
    offered = effective_policy(lease=lease).verification.value
    if method not in offered:
        raise NotOffered(
            f"method: {method} is not offered, but {', '.join(offered)} is", field="method"
        )


def _columns(terms: PolicyTerms) -> dict[str, Any]:
    values: dict[str, Any] = dict(terms)
    if "partial" in values:
        values = {"partial_cents": None, "partial_bps": None} | values
    for name in ("partial", "roll"):
        if name in values:
            values[name] = values[name] or ""
    for name in ("verification", "reminder_days"):
        if values.get(name) is not None:
            values[name] = sorted(set(values[name]))
    return values


def _check_partial(terms: PolicyTerms) -> None:
    rule = terms.get("partial")
    for name, needed_by in (
        ("partial_cents", PartialRule.MIN_AMOUNT),
        ("partial_bps", PartialRule.MIN_PERCENT),
    ):
        if (terms.get(name) is not None) != (rule == needed_by):
            raise BadPolicy(f"{name}: is said with {needed_by}, and only with it", field=name)


def _one_of(name: str, known: Collection[str]) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if value not in known:
            raise BadPolicy(f"{name}: is one of {', '.join(known)}", field=name)

    return check


def _check_verification(offers: Collection[str]) -> None:
    if not offers or not set(offers) <= set(VerificationOffer.values):
        known = ", ".join(VerificationOffer.values)
        raise BadPolicy(f"verification: at least one of {known}", field="verification")


def _check_reminders(days: Collection[int]) -> None:
    if not set(days) <= set(REMINDER_DAYS):
        raise BadPolicy("reminder_days: 1 to 31 days ahead", field="reminder_days")


def _at_least(name: str, least: int, most: int = 2**62) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if not least <= value <= most:
            shown = dollars(value) if name.endswith("_cents") else value
            raise BadPolicy(f"{name}: {shown} cannot be asked for", field=name)

    return check


RULES: Mapping[str, Callable[[Any], None]] = {
    "partial": _one_of("partial", PartialRule.values),
    "partial_cents": _at_least("partial_cents", 1),
    "partial_bps": _at_least("partial_bps", 1, WHOLE_BPS),
    "verification": _check_verification,
    "roll": _one_of("roll", Roll.values),
    "reminder_days": _check_reminders,
    "nsf_fee_cents": _at_least("nsf_fee_cents", 0),
}
