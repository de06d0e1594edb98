"""Autopay: the plan on a mandate, its pauses and its end."""

from datetime import date
from typing import NotRequired, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Max

from housing_ach.audit.move import record
from housing_ach.mandates.models import Autopay, AutopayPause, Mandate
from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.mandates.states import IN_CENTS, WHOLE, AutopayMode, MandateStatus, OverCap
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal

PLANNABLE = frozenset({MandateStatus.ACTIVE, MandateStatus.PENDING_VERIFICATION})


class BadPlan(Refusal):
    """The plan's terms do not fit together."""


class PlanExists(Refusal):
    """A payer has one open plan for a lease; end it first."""


class NotPlannable(Refusal):
    """A plan needs a recurring permission that is in force or will be."""


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


def set_up_autopay(*, mandate: Mandate, **plan: Unpack[Plan]) -> Autopay:
    """Raises NotPlannable, BadPlan or PlanExists."""
    _check_mandate(mandate)
    _check_plan(plan)
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
