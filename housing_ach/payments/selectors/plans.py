"""What plans take, step by step: one text for the run, its notices and the forecast of one payer.

Each step names those before it `autopay_<step>`. For many plans they are tables of their own,
analysed, since the planner must know how many rows it joins; for one payer they are one statement.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from housing_ach.bank.models import BankProfile
from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.mandates.selectors import debit_day, months_from, requested_day
from housing_ach.mandates.states import Roll
from housing_ach.payments.selectors.shares import FREE
from housing_ach.shared.business_days import DAY

# Of a plan and the one that replaces it from the same day on, one debits that day. `coming_cents` is
# what a forecast expects to be charged until then; a run knows its charges.
DUE_OF = """
WITH day AS (
    SELECT * FROM unnest(%(days)s::int[], %(rolls)s::text[], %(periods)s::date[],
        %(requested)s::date[], %(debits)s::date[])
        AS d (day_of_month, roll, period_on, requested_on, debit_on)
), reach AS (
    SELECT * FROM unnest(%(profiles)s::bigint[], %(soonest)s::date[]) AS r (profile_id, soonest_on)
)
SELECT DISTINCT ON (a.lease_id, a.tenant_id)
    a.id AS autopay_id, a.lease_id, a.tenant_id, a.mode, a.cents AS plan_cents, a.basis_points,
    a.over_cap, a.allow_prepay, m.id AS mandate_id, m.bank_account_id, m.sec_code, m.min_cents,
    m.max_cents, day.period_on, day.requested_on, day.debit_on,
    greatest(day.debit_on, reach.soonest_on) AS effective_on, %(coming)s::bigint AS coming_cents
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
WHERE m.status = 'ACTIVE' AND b.status = 'OPEN' AND b.verification = 'VERIFIED'{which}
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
ORDER BY a.lease_id, a.tenant_id, a.id DESC, day.debit_on
"""
DUE = DUE_OF.format(which="")
# The payers' open charges by age, with what is older of the plan's own.
OWED = f"""
WITH {FREE}
SELECT due.autopay_id, free.share_id, free.fund_id, free.kind, free.free_cents,
    sum(free.free_cents) OVER (
        PARTITION BY due.autopay_id ORDER BY free.due_on, free.charge_id, free.share_id
    ) - free.free_cents AS older_cents
FROM autopay_due due
JOIN free ON free.lease_id = due.lease_id AND free.tenant_id = due.tenant_id
    AND free.due_on <= due.debit_on
WHERE free.kind <> 'NSF_FEE' AND NOT free.reopened AND free.free_cents > 0
    AND (due.mode <> 'RECURRING_ONLY' OR free.scheduled)
"""  # noqa: S608 - no values, only the texts above
# What each plan takes in all; more than the balance only to pay ahead. Part of a cent is left.
PLAN = """
SELECT owing.*, CASE
    WHEN mode IN ('FULL_BALANCE', 'RECURRING_ONLY') THEN balance_cents
    WHEN mode = 'PERCENT' THEN balance_cents * basis_points / 10000
    WHEN mode = 'FIXED' AND allow_prepay THEN plan_cents
    WHEN mode = 'CAPPED' AND over_cap = 'SKIP' AND balance_cents > plan_cents THEN 0
    ELSE least(plan_cents, balance_cents)
END AS cents
FROM (
    SELECT due.*, coalesce(owed.cents, 0) + due.coming_cents AS balance_cents
    FROM autopay_due due
    LEFT JOIN (
        SELECT autopay_id, sum(free_cents)::bigint AS cents FROM autopay_owed GROUP BY autopay_id
    ) owed USING (autopay_id)
) owing
"""
TARGET = """
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
# One debit a fund, with what would hold it. What is held does not use up the day's limit. What lies
# outside the range goes if the payer was told of all of it in time.
ASKED = """
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
    SELECT piece.*, f.company_id, plan.mandate_id, plan.effective_on, l.per_day_cents,
        piece.cents < plan.min_cents OR plan.cents > plan.max_cents AS out_of_range,
        piece.cents > coalesce(l.per_payment_cents, piece.cents) AS too_much
    FROM piece
    JOIN autopay_plan plan USING (autopay_id)
    JOIN ledger_fund f ON f.id = piece.fund_id
    LEFT JOIN payments_limit l ON l.company_id = f.company_id AND l.direction = 'DEBIT'
), told AS (
    SELECT ranged.*, (sum(cents) FILTER (WHERE out_of_range) OVER (
        PARTITION BY autopay_id
    ))::bigint AS notice_cents
    FROM ranged
), judged AS (
    SELECT told.*, out_of_range AND NOT EXISTS (
        SELECT FROM mandates_notice n
        WHERE n.mandate_id = told.mandate_id AND n.debit_on = told.effective_on
            AND n.kind = 'VARYING_AMOUNT' AND n.cents = told.notice_cents AND n.lawful_on <= n.debit_on
    ) AS untold
    FROM told
)
SELECT autopay_id, fund_id, judged.cents, purpose, notice_cents, CASE
    WHEN untold THEN 'NOTICE_REQUIRED'
    WHEN too_much OR per_day_cents < coalesce(used.cents, 0) + sum(
        CASE WHEN untold OR too_much THEN 0 ELSE judged.cents END
    ) OVER (PARTITION BY company_id, effective_on ORDER BY autopay_id, fund_id) THEN 'LIMIT'
    ELSE ''
END AS hold
FROM judged LEFT JOIN used USING (company_id, effective_on)
"""
STEPS = {"owed": OWED, "plan": PLAN, "target": TARGET, "asked": ASKED}


def days_between(first: date, last: date) -> dict[str, list[Any]]:
    """Every day a payer can name whose debit is between the two, for `DUE`."""
    return _columns(
        (number, roll, month, requested_day(number, month), debit_on)
        for month in _months(first, last)
        for number in range(1, 32)
        for roll in Roll
        if first <= (debit_on := debit_day(number, month, roll)) <= last
    )


def reach(at: datetime) -> dict[str, list[Any]]:
    """When each bank can debit soonest, for `DUE`."""
    rows = [
        (profile.pk, soonest_effective_date(profile, at)) for profile in BankProfile.objects.all()
    ]
    return {"profiles": [pk for pk, _ in rows], "soonest": [on for _, on in rows]}


def _columns(rows: Iterable[tuple[int, str, date, date, date]]) -> dict[str, list[Any]]:
    names = ("days", "rolls", "periods", "requested", "debits")
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    return dict(zip(names, columns, strict=True))


def _months(first: date, last: date) -> list[date]:
    """Months with a day that may roll into the span: the neighbours too."""
    wanted = []
    for month in months_from(first.replace(day=1) - DAY):
        wanted.append(month)
        if month > last:
            break
    return wanted
