"""The autopay run: what every due plan takes, in the same few statements however many there are."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.payments.selectors.plans import DUE, STEPS, days_between, reach
from housing_ach.payments.services.locking import lock_leases, lock_limits
from housing_ach.payments.services.made import PAYMENT, tell_made
from housing_ach.payments.states import IN_FLIGHT
from housing_ach.shared.business_days import add_banking_days
from housing_ach.shared.money import dollars
from housing_ach.users.services import system_user

# The file goes one banking day before the debit settles, and is approved before that.
AHEAD = 2
# A run that could not happen is made up for so long; later the payer would not expect the debit.
LATE = 3

# Another run may have been faster: then its order is there, and this one makes none.
PAY = """
WITH ordered AS (
    INSERT INTO payments_order (kind, tenant_id, lease_id, autopay_id, period_on, cents, external_id,
        made_by_id, made_at)
    SELECT 'AUTOPAY', tenant_id, lease_id, autopay_id, period_on, cents, '', %(by)s, %(at)s
    FROM autopay_plan WHERE cents > 0 ORDER BY autopay_id
    ON CONFLICT (autopay_id, period_on) DO NOTHING
    RETURNING id, autopay_id
)
INSERT INTO payments_payment (order_id, fund_id, tenant_id, lease_id, mandate_id, bank_account_id,
    direction, method, purpose, sec_code, cents, status, requested_on, effective_on, attempts,
    retries, needs_approval, content_sha, made_by_id, made_at, approved_sha)
SELECT ordered.id, asked.fund_id, plan.tenant_id, plan.lease_id, plan.mandate_id,
    plan.bank_account_id, 'DEBIT', 'ACH', asked.purpose, plan.sec_code, asked.cents,
    CASE asked.hold WHEN '' THEN 'SCHEDULED' ELSE 'HELD' END, plan.requested_on,
    plan.effective_on, 0, 0, false, '', %(by)s, %(at)s, ''
FROM ordered JOIN autopay_plan plan USING (autopay_id) JOIN autopay_asked asked USING (autopay_id)
ORDER BY ordered.id, asked.fund_id
RETURNING id
"""
AIM = """
INSERT INTO payments_paymenttarget (payment_id, share_id, cents)
SELECT p.id, target.share_id, target.cents
FROM payments_payment p
JOIN payments_order o ON o.id = p.order_id
JOIN autopay_target target ON target.autopay_id = o.autopay_id AND target.fund_id = p.fund_id
WHERE p.id = ANY(%(ids)s) AND target.share_id IS NOT NULL
ORDER BY p.id, target.share_id
"""
HELD = """
SELECT p.id, asked.hold, asked.cents, plan.cents, plan.min_cents, plan.max_cents, plan.effective_on
FROM payments_payment p
JOIN payments_order o ON o.id = p.order_id
JOIN autopay_plan plan USING (autopay_id)
JOIN autopay_asked asked ON asked.autopay_id = plan.autopay_id AND asked.fund_id = p.fund_id
WHERE p.id = ANY(%(ids)s) AND asked.hold <> ''
ORDER BY p.id
"""
SKIPPED = """
INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
SELECT 'autopay.skipped', 'mandates.autopay', autopay_id::text, '', '',
    jsonb_build_object('period', period_on, 'cap', plan_cents, 'balance', balance_cents)
FROM autopay_plan
WHERE mode = 'CAPPED' AND cents = 0 AND balance_cents > 0 AND NOT EXISTS (
    SELECT FROM audit_event told
    WHERE told.subject = 'mandates.autopay' AND told.subject_id = autopay_id::text
        AND told.kind = 'autopay.skipped' AND told.data->>'period' = period_on::text
)
ORDER BY autopay_id
"""
FORGET = f"DROP TABLE IF EXISTS autopay_due, {', '.join(f'autopay_{step}' for step in STEPS)}"


class Held(NamedTuple):
    payment_id: int
    hold: str
    cents: int
    order_cents: int
    min_cents: int
    max_cents: int
    effective_on: date


@transaction.atomic
def run_autopay(*, on: date, at: datetime) -> list[int]:
    """Ask for what falls due AHEAD banking days from `on`; returns the new payments.

    Once per plan and period, whoever runs it how often and beside whom. Nothing due makes no order,
    so that a charge which comes before the debit day is still found.
    """
    first, last = add_banking_days(on, -LATE), add_banking_days(on, AHEAD)
    with connection.cursor() as cursor:
        if not (leases := lock_leases(find_due(cursor, first, last, at=at))):
            return []
        lock_limits()
        work_out(cursor, leases)
        cursor.execute(PAY, {"by": system_user().pk, "at": at})
        made = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(AIM, {"ids": made})
        cursor.execute(SKIPPED)
        cursor.execute(HELD, {"ids": made})
        held = [Held(*row) for row in cursor.fetchall()]
    tell_made(made)
    open_cases([_case(row) for row in held], at=at)
    return made


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


def _case(row: Held) -> NewCase:
    limit = row.hold == CaseKind.LIMIT
    if limit:
        summary = f"Autopay of {dollars(row.cents)} for {row.effective_on} is over the limit"
        fix = "Release it if the amount is right, or cancel it and tell the tenant."
    else:
        summary = (
            f"Autopay of {dollars(row.order_cents)} for {row.effective_on} is outside the authorised"
            f" {dollars(row.min_cents)} to {dollars(row.max_cents)}"
        )
        fix = "Give written notice ten days ahead and release it then, or cancel it (12 CFR 1005.10(d))."
    return NewCase(
        CaseKind(row.hold), PAYMENT, row.payment_id, summary, suggested_fix=fix, cents=row.cents
    )
