"""The steps of what plans take, each a table of its own until the commit."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from housing_ach.payments.selectors.plans import DUE, STEPS, days_between, reach
from housing_ach.payments.states import IN_FLIGHT
from housing_ach.tenants.states import Rollout

FORGET = f"DROP TABLE IF EXISTS autopay_due, {', '.join(f'autopay_{step}' for step in STEPS)}"


# Nothing is debited but at live leases; those in the shadow are worked out apart.
ELSEWHERE = """
DELETE FROM autopay_due due USING tenants_leaserollout r
WHERE r.lease_id = due.lease_id
    AND (r.rollout <> %(rollout)s OR r.property_id <> coalesce(%(property)s, r.property_id))
"""


class Scope(NamedTuple):
    """Whose plans: of leases of this rollout, in one property or in all."""

    rollout: Rollout = Rollout.LIVE
    property_id: int | None = None


EVERYTHING_LIVE = Scope()


def find_due(
    cursor: CursorWrapper,
    first: date,
    last: date,
    *,
    at: datetime,
    scope: Scope = EVERYTHING_LIVE,
) -> list[int]:
    """Leave the plans that debit between the days in `autopay_due`; returns their leases."""
    cursor.execute(FORGET)
    _put(cursor, "due", DUE, days_between(first, last) | reach(at) | {"coming": 0})
    cursor.execute(ELSEWHERE, {"rollout": scope.rollout, "property": scope.property_id})
    cursor.execute("SELECT lease_id FROM autopay_due")
    return [pk for (pk,) in cursor.fetchall()]


def work_out(cursor: CursorWrapper, leases: Sequence[int]) -> None:
    """Leave what the plans in `autopay_due` take in tables named by step, until the commit."""
    for step, statement in STEPS.items():
        _put(cursor, step, statement, {"leases": leases, "in_flight": list(IN_FLIGHT)})


def _put(cursor: CursorWrapper, step: str, statement: str, given: Mapping[str, Any]) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE autopay_{step} ON COMMIT DROP AS {statement}", given)
    cursor.execute(f"ANALYZE autopay_{step}")
