"""Autopay: the plan on a mandate, its pauses and its end."""

from datetime import date, datetime
from typing import Any, NotRequired, TypedDict, Unpack, cast

from django.db import IntegrityError, transaction
from django.db.models import Max

from housing_ach.audit.move import record
from housing_ach.mandates.models import Autopay, AutopayPause, Mandate
from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.mandates.states import IN_CENTS, WHOLE, AutopayMode, MandateStatus, OverCap
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User

CHANGEABLE = (
    "mandate",
    "mode",
    "cents",
    "basis_points",
    "day_of_month",
    "over_cap",
    "allow_prepay",
)
PLANNABLE = frozenset({MandateStatus.ACTIVE, MandateStatus.PENDING_VERIFICATION})


class BadPlan(Refusal):
    """The plan's terms do not fit together."""


class PlanExists(Refusal):
    """A payer has one open plan for a lease; end it first."""


class NotPlannable(Refusal):
    """A plan needs a recurring permission that is in force or will be."""


class PlanEnded(Refusal):
    """A plan that has ended is history; set up another."""


class BeyondMandate(Refusal):
    """What goes beyond the permission needs a new one: signed first, then named."""


class NothingToResume(Refusal):
    """The plan is not paused from that day on."""


class Plan(TypedDict):
    mode: AutopayMode
    day_of_month: int
    starts_on: date
    cents: NotRequired[int | None]
    basis_points: NotRequired[int | None]
    over_cap: NotRequired[OverCap]
    allow_prepay: NotRequired[bool]


class Changes(TypedDict, total=False):
    """What is to be different. A mode comes with its own amount. `mandate`: another account, a wider
    range or another roll, each of them signed before.
    """

    mode: AutopayMode
    cents: int | None
    basis_points: int | None
    day_of_month: int
    over_cap: OverCap
    allow_prepay: bool
    mandate: Mandate


def set_up_autopay(*, mandate: Mandate, **plan: Unpack[Plan]) -> Autopay:
    """Raises NotPlannable, BadPlan, BeyondMandate or PlanExists."""
    _check_mandate(mandate)
    _check_plan(plan)
    _check_within(plan, mandate)
    autopay = Autopay(mandate=mandate, tenant=mandate.tenant, lease=mandate.lease, **plan)
    try:
        with transaction.atomic():
            autopay.save(force_insert=True)
    except IntegrityError as error:
        if "one_open_autopay_per_payer" not in str(error):
            raise
        raise PlanExists(
            f"lease: {mandate.tenant} has autopay for {mandate.lease} already", field="lease"
        ) from None
    return autopay


@transaction.atomic
def change_autopay(
    autopay: Autopay, *, by: User, at: datetime, **changes: Unpack[Changes]
) -> Autopay:
    """From the next run on; debits made already go as they are (`payments.selectors` tells them).

    Raises PlanEnded, NotPlannable, BadPlan or BeyondMandate.
    """
    locked = Autopay.objects.select_for_update(of=("self",)).get(pk=autopay.pk)
    if locked.ends_on and locked.ends_on < new_york_date(at):
        raise PlanEnded(f"autopay: #{locked.pk} ended on {locked.ends_on}", field="autopay")
    was = {name: getattr(locked, name) for name in CHANGEABLE}
    fresh: dict[str, Any] = {"cents": None, "basis_points": None} if "mode" in changes else {}
    wanted: dict[str, Any] = was | fresh | changes
    if wanted["mode"] != AutopayMode.FIXED and "allow_prepay" not in changes:
        wanted["allow_prepay"] = False
    _check_same_payer(locked, wanted["mandate"])
    plan = cast("Plan", {name: value for name, value in wanted.items() if name != "mandate"})
    _check_plan(plan)
    _check_within(plan, wanted["mandate"])
    different = {name: wanted[name] for name in CHANGEABLE if wanted[name] != was[name]}
    for name, value in different.items():
        setattr(locked, name, value)
    if different:
        locked.save(update_fields=list(different))
        told = {name: getattr(value, "pk", value) for name, value in different.items()}
        record("autopay.changed", locked, data={"by": by.pk, "at": at, "to": told})
    autopay.refresh_from_db()
    return autopay


@transaction.atomic
def pause_autopay(
    autopay: Autopay, *, starts_on: date, ends_on: date, reason: str = ""
) -> AutopayPause:
    """No debit on these days, both included. Holds until the autopay run of a debit."""
    if ends_on < starts_on:
        raise BadPlan(f"ends_on: {ends_on} lies before {starts_on}", field="ends_on")
    return _keep_pause(autopay, starts_on, ends_on, reason=reason)


@transaction.atomic
def resume_autopay(autopay: Autopay, *, from_on: date, reason: str = "") -> AutopayPause:
    """Debits run again from the day on, whatever was paused. Raises NothingToResume."""
    until = autopay.pauses.filter(resumes=False).aggregate(last=Max("ends_on"))["last"]
    if until is None or until < from_on:
        raise NothingToResume(f"from_on: nothing is paused from {from_on} on", field="from_on")
    return _keep_pause(autopay, from_on, until, reason=reason, resumes=True)


def skip_next(autopay: Autopay, *, on: date, count: int = 1) -> AutopayPause:
    """Leave out the next debits, as many as told."""
    days = upcoming_debit_days(autopay, on, count)
    if count < 1 or len(days) < count:
        raise BadPlan(f"count: the plan has {len(days)} debits from {on} on", field="count")
    return pause_autopay(autopay, starts_on=days[0], ends_on=days[-1], reason="skipped")


def end_autopay(autopay: Autopay, *, on: date) -> None:
    """No debit is asked for a day after `on`. Ending again does nothing."""
    end_autopays(autopay.mandate, on=on)
    autopay.refresh_from_db()


def end_autopays(mandate: Mandate, *, on: date) -> int:
    return mandate.autopays.filter(ends_on=None).update(ends_on=on)


def _keep_pause(
    autopay: Autopay, starts_on: date, ends_on: date, *, reason: str, resumes: bool = False
) -> AutopayPause:
    row = autopay.pauses.create(
        starts_on=starts_on, ends_on=ends_on, reason=reason[:120], resumes=resumes
    )
    word = "resumed" if resumes else "paused"
    record(f"autopay.{word}", autopay, data={"from": starts_on, "until": ends_on})
    return row


def _check_mandate(mandate: Mandate) -> None:
    if mandate.status not in PLANNABLE or not mandate.recurring:
        kind = "recurring" if mandate.recurring else "for one payment only"
        raise NotPlannable(
            f"mandate: #{mandate.pk} is {mandate.status} and {kind}",
            field="mandate",
            ids=[mandate.pk],
        )


def _check_same_payer(autopay: Autopay, mandate: Mandate) -> None:
    _check_mandate(mandate)
    if (mandate.tenant_id, mandate.lease_id) != (autopay.tenant_id, autopay.lease_id):
        raise NotPlannable(
            f"mandate: #{mandate.pk} is another payer's or another lease's",
            field="mandate",
            ids=[mandate.pk],
        )


def _check_within(plan: Plan, mandate: Mandate) -> None:
    """A cap or fixed amount the payer did not agree to is never set; a balance may still exceed the
    range, and is then told ahead.
    """
    cents = plan.get("cents")
    least = mandate.min_cents if plan["mode"] == AutopayMode.FIXED else 0
    if cents is not None and not least <= cents <= mandate.max_cents:
        raise BeyondMandate(
            f"cents: {dollars(cents)} is outside the {dollars(mandate.min_cents)} to"
            f" {dollars(mandate.max_cents)} that were signed",
            field="cents",
            ids=[mandate.pk],
        )


def _check_plan(plan: Plan) -> None:
    mode = plan["mode"]
    _check_amount(mode, plan.get("cents"))
    _check_part(mode, plan.get("basis_points"))
    if not 1 <= plan["day_of_month"] <= 31:
        raise BadPlan(f"day_of_month: {plan['day_of_month']} is no day", field="day_of_month")
    if plan.get("allow_prepay") and mode != AutopayMode.FIXED:
        raise BadPlan("allow_prepay: only a FIXED plan pays ahead", field="allow_prepay")


def _check_amount(mode: AutopayMode, cents: int | None) -> None:
    if mode not in IN_CENTS and cents is not None:
        raise BadPlan(f"cents: {mode} takes none, not {dollars(cents)}", field="cents")
    if mode in IN_CENTS and (cents is None or cents <= 0):
        raise BadPlan(f"cents: {mode} takes an amount above zero", field="cents")


def _check_part(mode: AutopayMode, basis_points: int | None) -> None:
    if mode != AutopayMode.PERCENT and basis_points is not None:
        raise BadPlan(f"basis_points: {mode} takes none, not {basis_points}", field="basis_points")
    if mode == AutopayMode.PERCENT and not 1 <= (basis_points or 0) <= WHOLE:
        raise BadPlan(
            f"basis_points: PERCENT takes 1 to {WHOLE}, a hundredth of a percent each",
            field="basis_points",
        )
