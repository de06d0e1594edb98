"""The steps of what plans take, each a table of its own until the commit."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from housing_ach.payments.selectors.plans import DUE, STEPS, days_between, reach
from housing_ach.payments.states import IN_FLIGHT

FORGET = f"DROP TABLE IF EXISTS autopay_due, {', '.join(f'autopay_{step}' for step in STEPS)}"


def find_due(cursor: CursorWrapper, first: date, last: date, *, at: datetime) -> list[int]:
    """Leave the plans that debit between the days in `autopay_due`; returns their leases."""
    cursor.execute(FORGET)
    _put(cursor, "due", DUE, days_between(first, last) | reach(at) | {"coming": 0})
    cursor.execute("SELECT lease_id FROM autopay_due")
    return [pk for (pk,) in cursor.fetchall()]


def work_out(cursor: CursorWrapper, leases: Sequence[int]) -> None:
    """Leave what the plans in `autopay_due` take in tables named by step, until the commit."""
    for step, statement in STEPS.items():
        _put(cursor, step, statement, {"leases": leases, "in_flight": list(IN_FLIGHT)})


def _put(cursor: CursorWrapper, step: str, statement: str, given: Mapping[str, Any]) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE autopay_{step} ON COMMIT DROP AS {statement}", given)
    cursor.execute(f"ANALYZE autopay_{step}")
