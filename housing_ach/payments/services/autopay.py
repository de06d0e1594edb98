"""The autopay run: what every due plan takes, in the same few statements however many there are."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from housing_ach.bank.models import BankProfile
from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.selectors import debit_day, months_from, requested_day
from housing_ach.mandates.states import Roll
from housing_ach.payments.selectors import FREE
from housing_ach.payments.services.locking import lock_leases, lock_limits
from housing_ach.payments.services.made import PAYMENT, tell_made
from housing_ach.payments.states import IN_FLIGHT
from housing_ach.shared.business_days import DAY, add_banking_days
from housing_ach.shared.money import dollars
from housing_ach.users.services import system_user

# The file goes one banking day before the debit settles, and is approved before that.
AHEAD = 2
# A run that could not happen is made up for so long; later the payer would not expect the debit.
LATE = 3

# Every step is a table of its own, analysed: the planner must know how many rows it joins.
# Of a plan and the one that replaces it from the same day on, one debits that day.
DUE = """
CREATE TEMPORARY TABLE autopay_due ON COMMIT DROP AS
WITH day AS (
    SELECT * FROM unnest(%(days)s::int[], %(rolls)s::text[], %(periods)s::date[],
        %(requested)s::date[], %(debits)s::date[])
        AS d (day_of_month, roll, period_on, requested_on, debit_on)
), reach AS (
    SELECT * FROM unnest(%(profiles)s::bigint[], %(soonest)s::date[]) AS r (profile_id, soonest_on)
)
SELECT DISTINCT ON (a.lease_id, a.tenant_id)
    a.id AS autopay_id, a.lease_id, a.tenant_id, a.mode, a.cents AS plan_cents, a.over_cap,
    a.allow_prepay, m.id AS mandate_id, m.bank_account_id, m.sec_code, m.min_cents, m.max_cents,
    day.period_on, day.requested_on, day.debit_on,
    greatest(day.debit_on, reach.soonest_on) AS effective_on
FROM mandates_autopay a
JOIN mandates_mandate m ON m.id = a.mandate_id
JOIN mandates_bankaccount b ON b.id = m.bank_account_id
JOIN day ON day.day_of_month = a.day_of_month AND day.roll = m.roll
JOIN tenants_lease l ON l.id = a.lease_id
JOIN tenants_unit u ON u.id = l.unit_id
JOIN tenants_property pr ON pr.id = u.property_id
JOIN ledger_fund f ON f.id = pr.operating_fund_id
JOIN bank_company c ON c.id = f.company_id
JOIN reach ON reach.profile_id = c.profile_id
WHERE m.status = 'ACTIVE' AND b.status = 'OPEN' AND b.verification = 'VERIFIED'
    AND a.starts_on <= day.requested_on AND coalesce(a.ends_on, 'infinity') >= day.requested_on
    AND NOT EXISTS (
        SELECT FROM payments_order o
        WHERE o.lease_id = a.lease_id AND o.tenant_id = a.tenant_id AND o.period_on = day.period_on
            AND (o.autopay_id = a.id OR EXISTS (
                SELECT FROM payments_payment p
                WHERE p.order_id = o.id AND p.requested_on = day.requested_on
            ))
    )
    AND NOT coalesce((
        SELECT NOT p.resumes FROM mandates_autopaypause p
        WHERE p.autopay_id = a.id AND day.debit_on BETWEEN p.starts_on AND p.ends_on
        ORDER BY p.id DESC LIMIT 1
    ), false)
ORDER BY a.lease_id, a.tenant_id, a.id DESC
"""
# The payers' open charges by age, with what is older of the plan's own.
OWED = f"""
CREATE TEMPORARY TABLE autopay_owed ON COMMIT DROP AS
WITH {FREE}
SELECT due.autopay_id, free.share_id, free.fund_id, free.kind, free.free_cents,
    sum(free.free_cents) OVER (
        PARTITION BY due.autopay_id ORDER BY free.due_on, free.charge_id, free.share_id
    ) - free.free_cents AS older_cents
FROM autopay_due due
JOIN free ON free.lease_id = due.lease_id AND free.tenant_id = due.tenant_id
    AND free.due_on <= due.debit_on
WHERE free.kind <> 'NSF_FEE' AND NOT free.reopened AND free.free_cents > 0
"""  # noqa: S608 - no values, only the texts above
# What each plan takes in all; more than the balance only to pay ahead.
PLAN = """
CREATE TEMPORARY TABLE autopay_plan ON COMMIT DROP AS
SELECT due.*, coalesce(balance.cents, 0) AS balance_cents, CASE
    WHEN mode = 'FULL_BALANCE' THEN coalesce(balance.cents, 0)
    WHEN mode = 'FIXED' AND allow_prepay THEN plan_cents
    WHEN mode = 'CAPPED' AND over_cap = 'SKIP' AND balance.cents > plan_cents THEN 0
    ELSE least(plan_cents, coalesce(balance.cents, 0))
END AS cents
FROM autopay_due due
LEFT JOIN (
    SELECT autopay_id, sum(free_cents)::bigint AS cents FROM autopay_owed GROUP BY autopay_id
) balance USING (autopay_id)
"""
TARGET = """
CREATE TEMPORARY TABLE autopay_target ON COMMIT DROP AS
SELECT autopay_id, share_id, fund_id, kind, least(free_cents, plan.cents - older_cents)::bigint AS cents
FROM autopay_owed JOIN autopay_plan plan USING (autopay_id) WHERE plan.cents > older_cents
UNION ALL
SELECT plan.autopay_id, NULL, property.operating_fund_id, 'RENT', plan.cents - plan.balance_cents
FROM autopay_plan plan
JOIN tenants_lease lease ON lease.id = plan.lease_id
JOIN tenants_unit unit ON unit.id = lease.unit_id
JOIN tenants_property property ON property.id = unit.property_id
WHERE plan.cents > plan.balance_cents
"""
# One debit a fund, with what would hold it. What is held does not use up the day's limit.
ASKED = """
CREATE TEMPORARY TABLE autopay_asked ON COMMIT DROP AS
WITH piece AS (
    SELECT autopay_id, fund_id, sum(cents)::bigint AS cents, CASE
        WHEN bool_or(kind = 'DEPOSIT') THEN 'DEPOSIT' WHEN bool_or(kind = 'RENT') THEN 'RENT' ELSE 'FEE'
    END AS purpose
    FROM autopay_target GROUP BY autopay_id, fund_id
), used AS (
    SELECT f.company_id, p.effective_on, sum(p.cents) AS cents
    FROM payments_payment p JOIN ledger_fund f ON f.id = p.fund_id
    WHERE p.effective_on IN (SELECT effective_on FROM autopay_due) AND p.direction = 'DEBIT'
        AND p.status NOT IN ('HELD', 'CANCELLED', 'REJECTED')
    GROUP BY f.company_id, p.effective_on
), ranged AS (
    SELECT piece.*, f.company_id, plan.effective_on, l.per_day_cents,
        piece.cents < plan.min_cents OR plan.cents > plan.max_cents AS out_of_range,
        piece.cents > coalesce(l.per_payment_cents, piece.cents) AS too_much
    FROM piece
    JOIN autopay_plan plan USING (autopay_id)
    JOIN ledger_fund f ON f.id = piece.fund_id
    LEFT JOIN payments_limit l ON l.company_id = f.company_id AND l.direction = 'DEBIT'
)
SELECT autopay_id, fund_id, ranged.cents, purpose, CASE
    WHEN out_of_range THEN 'NOTICE_REQUIRED'
    WHEN too_much OR per_day_cents < coalesce(used.cents, 0) + sum(
        CASE WHEN out_of_range OR too_much THEN 0 ELSE ranged.cents END
    ) OVER (PARTITION BY company_id, effective_on ORDER BY autopay_id, fund_id) THEN 'LIMIT'
    ELSE ''
END AS hold
FROM ranged LEFT JOIN used USING (company_id, effective_on)
"""
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
STEPS = {"owed": OWED, "plan": PLAN, "target": TARGET, "asked": ASKED}
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
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        cursor.execute(DUE, _days(on) | _reach(at))
        cursor.execute("SELECT lease_id FROM autopay_due")
        leases = lock_leases(pk for (pk,) in cursor.fetchall())
        if not leases:
            return []
        lock_limits()
        cursor.execute("ANALYZE autopay_due")
        for step, statement in STEPS.items():
            cursor.execute(statement, {"leases": leases, "in_flight": list(IN_FLIGHT)})
            cursor.execute(f"ANALYZE autopay_{step}")
        cursor.execute(PAY, {"by": system_user().pk, "at": at})
        made = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(AIM, {"ids": made})
        cursor.execute(SKIPPED)
        cursor.execute(HELD, {"ids": made})
        held = [Held(*row) for row in cursor.fetchall()]
    tell_made(made)
    open_cases([_case(row) for row in held], at=at)
    return made


def _days(on: date) -> dict[str, list[Any]]:
    """Every day a payer can name whose debit lies within reach of a run on `on`."""
    first, last = add_banking_days(on, -LATE), add_banking_days(on, AHEAD)
    rows = [
        (number, roll, month, requested_day(number, month), debit_on)
        for month in _months(first, last)
        for number in range(1, 32)
        for roll in Roll
        if first <= (debit_on := debit_day(number, month, roll)) <= last
    ]
    names = ("days", "rolls", "periods", "requested", "debits")
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    return dict(zip(names, columns, strict=True))


def _reach(at: datetime) -> dict[str, list[Any]]:
    rows = [
        (profile.pk, soonest_effective_date(profile, at)) for profile in BankProfile.objects.all()
    ]
    return {"profiles": [pk for pk, _ in rows], "soonest": [on for _, on in rows]}


def _months(first: date, last: date) -> list[date]:
    """Months with a day that may roll into the span: the neighbours too."""
    wanted = []
    for month in months_from(first.replace(day=1) - DAY):
        wanted.append(month)
        if month > last:
            break
    return wanted


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
