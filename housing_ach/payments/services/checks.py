"""Freeze looks again: what has changed since a payment was made, in one statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from housing_ach.cases.states import CaseKind
from housing_ach.payments.selectors import lacking_cents, untold
from housing_ach.payments.services.retries import WITHIN
from housing_ach.shared.money import dollars
from housing_ach.tenants.states import Rollout

# A payment a person released from a hold is not stopped by a limit again, but counts towards it.
CHECK = """
WITH asked AS (
    SELECT p.*, f.company_id FROM payments_payment p JOIN ledger_fund f ON f.id = p.fund_id
    WHERE p.id = ANY(%(ids)s)
), used AS (
    SELECT f.company_id, p.direction, sum(p.cents) AS cents
    FROM payments_payment p JOIN ledger_fund f ON f.id = p.fund_id
    WHERE p.effective_on = %(on)s AND p.id <> ALL (%(ids)s)
        AND p.status IN ('BATCHED', 'SENT', 'ACCEPTED', 'SETTLED', 'CLEARED', 'RETURNED')
    GROUP BY f.company_id, p.direction
), counted AS (
    SELECT asked.*, l.per_payment_cents, l.per_day_cents, coalesce(used.cents, 0) + sum(asked.cents) OVER (
        PARTITION BY asked.company_id, asked.direction
        ORDER BY asked.released_by_id IS NULL, asked.id
    ) AS day_cents
    FROM asked
    LEFT JOIN used USING (company_id, direction)
    LEFT JOIN payments_limit l ON l.company_id = asked.company_id AND l.direction = asked.direction
)
SELECT DISTINCT ON (p.id) p.id, why.kind, why.reason
FROM counted p
LEFT JOIN mandates_mandate m ON m.id = p.mandate_id
LEFT JOIN mandates_bankaccount b ON b.id = p.bank_account_id
LEFT JOIN tenants_leaserollout r ON r.lease_id = p.lease_id
CROSS JOIN LATERAL (VALUES
    (1, p.status NOT IN ('SCHEDULED', 'BATCHED'), 'HOLD', 'payment is ' || p.status),
    (2, m.status <> 'ACTIVE' AND NOT (
        p.purpose = 'PRENOTE' AND m.status = 'PENDING_VERIFICATION'
    ), 'MANDATE', 'mandate is ' || m.status),
    (3, b.status <> 'OPEN', 'MANDATE', 'bank account is ' || b.status),
    (4, b.verification <> 'VERIFIED' AND p.purpose NOT IN ('PRENOTE', 'ACCTVERIFY'),
        'MANDATE', 'bank account is ' || b.verification),
    (5, p.released_by_id IS NULL AND p.cents > p.per_payment_cents, 'LIMIT', 'over the limit a payment'),
    (6, p.released_by_id IS NULL AND p.day_cents > p.per_day_cents, 'LIMIT', 'over the limit a day'),
    (7, p.retries > 0 AND %(on)s > p.first_settled_on + %(within)s::int,
        'HOLD', 'it was first tried too long ago to be tried again'),
    (8, r.rollout <> %(rollout)s, 'HOLD', 'its property is not live for the lease: ' || r.rollout)
) why (place, found, kind, reason)
WHERE why.found
ORDER BY p.id, why.place
"""


def check_still_payable(
    payment_ids: Sequence[int], *, on: date, rollout: Rollout = Rollout.LIVE
) -> dict[int, tuple[CaseKind, str]]:
    """What may not go with effective date `on`, and why; of several reasons the first.

    The permission and its account, the limits, the charges: open for the whole amount, and the notice
    of what lies outside the authorised range. The caller has the payments locked.
    """
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "ids": list(payment_ids),
            "on": on,
            "within": WITHIN.days,
            "rollout": rollout,
        }
        cursor.execute(CHECK, given)
        found = {pk: (CaseKind(kind), why) for pk, kind, why in cursor.fetchall()}
    for pk, cents in lacking_cents(payment_ids).items():
        reason = f"{dollars(cents)} of its charges are paid or being paid otherwise"
        found.setdefault(pk, (CaseKind.DUPLICATE, reason))
    for row in untold(payment_ids, on=on):
        reason = f"its payer was not told {dollars(row.notice_cents)} on {on} ten days before"
        found.setdefault(row.payment_id, (CaseKind.NOTICE_REQUIRED, reason))
    return found
