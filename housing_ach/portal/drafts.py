"""Autopay as far as a payer has chosen it: kept in the session from step to step until it is signed.

Never an account number: that is sealed as soon as it is typed, and the account's id kept.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from housing_ach.mandates.models import Autopay
from housing_ach.mandates.states import IN_CENTS, AutopayMode, OverCap, Roll

STEPS = ("amount", "account", "schedule", "review")


@dataclass(frozen=True)
class Draft:
    """`plan` is the one that is changed, `most_cents` the most a month may take."""

    lease: int
    plan: int | None = None
    mode: str = ""
    cents: int | None = None
    basis_points: int | None = None
    over_cap: str = OverCap.PAY_CAP
    allow_prepay: bool = False
    most_cents: int = 0
    account: int | None = None
    verify_by: str = ""
    day_of_month: int = 0
    roll: str = Roll.FORWARD

    @property
    def missing(self) -> str:
        """The first step that is not answered yet."""
        answered = (bool(self.mode), self.account is not None, self.day_of_month > 0)
        return next((step for step, done in zip(STEPS, answered, strict=False) if not done), "")

    @property
    def terms(self) -> dict[str, Any]:
        """As a plan takes them."""
        return {
            "mode": AutopayMode(self.mode),
            "cents": self.cents,
            "basis_points": self.basis_points,
            "over_cap": OverCap(self.over_cap),
            "allow_prepay": self.allow_prepay,
            "day_of_month": self.day_of_month,
        }


def drafted(plan: Autopay) -> Draft:
    """A plan in force, to be changed."""
    most = plan.cents if plan.mode in IN_CENTS else plan.mandate.max_cents
    return Draft(
        lease=plan.lease_id,
        plan=plan.pk,
        mode=plan.mode,
        cents=plan.cents,
        basis_points=plan.basis_points,
        over_cap=plan.over_cap,
        allow_prepay=plan.allow_prepay,
        most_cents=most or 0,
        account=plan.mandate.bank_account_id,
        day_of_month=plan.day_of_month,
        roll=plan.mandate.roll,
    )


class Drafts:
    """Those of one session: one a lease, and one for each plan that is changed."""

    def __init__(self, session: SessionBase) -> None:
        self.session = session

    def of_lease(self, lease_id: int) -> Draft | None:
        return self._read(f"autopay-lease-{lease_id}")

    def of_plan(self, plan_id: int) -> Draft | None:
        return self._read(f"autopay-plan-{plan_id}")

    def keep(self, draft: Draft, **answers: Any) -> Draft:
        kept = replace(draft, **answers)
        self.session[_key(kept)] = asdict(kept)
        return kept

    def drop(self, draft: Draft) -> None:
        self.session.pop(_key(draft), None)

    def _read(self, key: str) -> Draft | None:
        kept: Mapping[str, Any] = self.session.get(key, {})
        known = {field.name for field in fields(Draft)}
        # One of an older release may lack what is asked for now: then it is asked for again.
        return Draft(**kept) if kept and kept.keys() == known else None


def _key(draft: Draft) -> str:
    return f"autopay-plan-{draft.plan}" if draft.plan else f"autopay-lease-{draft.lease}"
