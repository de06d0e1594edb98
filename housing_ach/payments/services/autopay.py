"""The autopay run: what every due plan takes, in the same few statements however many there are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction

from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.payments.services.locking import lock_leases, lock_limits
from housing_ach.payments.services.made import PAYMENT, tell_made
from housing_ach.payments.services.steps import EVERYTHING_LIVE, Scope, find_due, work_out
from housing_ach.shared.business_days import add_banking_days
from housing_ach.shared.money import dollars
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Rollout
from housing_ach.users.services import system_user

# The file goes one banking day before the debit settles, and is approved before that.
AHEAD = 2
# A run that could not happen is made up for so long; later the payer would not expect the debit.
LATE = 3

LOCKED = "DELETE FROM autopay_due WHERE lease_id <> ALL (%(leases)s)"
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
SELECT p.id, p.order_id, asked.hold, asked.cents, asked.notice_cents, plan.cents, plan.min_cents,
    plan.max_cents, plan.effective_on
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


class Held(NamedTuple):
    payment_id: int
    order_id: int
    hold: str
    cents: int
    notice_cents: int | None
    order_cents: int
    min_cents: int
    max_cents: int
    effective_on: date


def run_autopay(*, on: date, at: datetime) -> list[int]:
    """Ask for what falls due AHEAD banking days from `on`; returns the new payments.

    Once per plan and period, whoever runs it how often and beside whom. Nothing due makes no order,
    so that a charge which comes before the debit day is still found.
    """
    return ask_between(add_banking_days(on, -LATE), add_banking_days(on, AHEAD), at=at)


def ask_for_shadow(home: Property, *, debit_on: date, at: datetime) -> list[int]:
    """What the property's leases in the shadow would be asked for that day. To be undone."""
    return ask_between(debit_on, debit_on, at=at, scope=Scope(Rollout.SHADOW, home.pk))


@transaction.atomic
def ask_between(
    first: date, last: date, *, at: datetime, scope: Scope = EVERYTHING_LIVE
) -> list[int]:
    """Ask for what debits between the days, both included."""
    with connection.cursor() as cursor:
        leases = lock_leases(find_due(cursor, first, last, at=at, scope=scope))
        if not leases:
            return []
        # Who skipped, paused or paid while we waited for the locks was first.
        find_due(cursor, first, last, at=at, scope=scope)
        cursor.execute(LOCKED, {"leases": leases})
        lock_limits()
        work_out(cursor, leases)
        cursor.execute(PAY, {"by": system_user().pk, "at": at})
        made = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(AIM, {"ids": made})
        cursor.execute(SKIPPED)
        cursor.execute(HELD, {"ids": made})
        held = [Held(*row) for row in cursor.fetchall()]
    tell_made(made)
    open_cases(_cases(held), at=at)
    return made


def _cases(held: Sequence[Held]) -> list[NewCase]:
    """One a payment; one for all of an order that its payer must be told of."""
    notices: defaultdict[int, list[Held]] = defaultdict(list)
    for row in held:
        if row.hold == CaseKind.NOTICE_REQUIRED:
            notices[row.order_id].append(row)
    limits = [_over_limit(row) for row in held if row.hold == CaseKind.LIMIT]
    return limits + [_to_be_told(rows) for rows in notices.values()]


def _over_limit(row: Held) -> NewCase:
    return NewCase(
        CaseKind.LIMIT,
        PAYMENT,
        row.payment_id,
        f"Autopay of {dollars(row.cents)} for {row.effective_on} is over the limit",
        suggested_fix="Release it if the amount is right, or cancel it and tell the tenant.",
        cents=row.cents,
    )


def _to_be_told(rows: Sequence[Held]) -> NewCase:
    first = rows[0]
    cents = first.notice_cents or 0
    return NewCase(
        CaseKind.NOTICE_REQUIRED,
        PAYMENT,
        first.payment_id,
        f"Autopay of {dollars(first.order_cents)} for {first.effective_on} is outside the authorised"
        f" {dollars(first.min_cents)} to {dollars(first.max_cents)}",
        suggested_fix=(
            "Move it to the first day that can be told ten days ahead and release it once the notice"
            " is sent, or cancel it (12 CFR 1005.10(d))."
        ),
        facts={
            "order": first.order_id,
            "payments": [row.payment_id for row in rows],
            "notice_cents": cents,
        },
        cents=cents,
    )
