"""What is open of a charge's share, and what of it is still free to be asked for."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Sum

from housing_ach.payments.models import Limit, Payment
from housing_ach.payments.states import IN_FLIGHT, Direction, PaymentStatus
from housing_ach.tenants.models import Lease, Tenant

NOT_USED = (PaymentStatus.HELD, PaymentStatus.CANCELLED, PaymentStatus.REJECTED)
LIVE = "NOT EXISTS (SELECT FROM payments_release r WHERE r.allocation_id = a.id)"

# `open_cents` is what no settled money covers, `gross_cents` of it what no payment in flight aims at.
# Reopened: a payment for the share came back once, so that it must not be asked for by itself again.
# Rows are only ever looked up by index or put side by side by windows: a join of two such sets is
# planned as if each had one row, and takes hours for a hundred thousand.
SHARES = """
share AS MATERIALIZED (
    SELECT s.id AS share_id, c.id AS charge_id, c.lease_id, s.tenant_id, c.fund_id, c.kind, c.due_on,
        c.schedule_id IS NOT NULL AS scheduled, s.cents - paid.cents AS open_cents,
        greatest(0, s.cents - paid.cents - aimed.cents) AS gross_cents,
        paid.reopened OR aimed.reopened AS reopened
    FROM tenants_charge c
    JOIN tenants_chargeshare s ON s.charge_id = c.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(a.cents) FILTER (WHERE r.id IS NULL), 0)::bigint AS cents,
            coalesce(bool_or(r.reason = 'RETURNED'), false) AS reopened
        FROM payments_allocation a LEFT JOIN payments_release r ON r.allocation_id = a.id
        WHERE a.share_id = s.id
    ) paid
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(t.cents) FILTER (WHERE p.status = ANY(%(in_flight)s)), 0)::bigint AS cents,
            coalesce(bool_or(p.status = 'RETURNED' OR p.retries > 0), false) AS reopened
        FROM payments_paymenttarget t JOIN payments_payment p ON p.id = t.payment_id
        WHERE t.share_id = s.id
    ) aimed
    WHERE c.lease_id = ANY(%(leases)s) AND s.cents > paid.cents
)
"""
# The payer's credit in a fund, prepaid or in flight without a target, goes to the oldest shares;
# `free_cents` is what it leaves.
FREE = f"""
{SHARES}, credit AS (
    SELECT p.lease_id, p.tenant_id, p.fund_id, p.cents - coalesce((
        SELECT sum(t.cents) FROM payments_paymenttarget t WHERE t.payment_id = p.id
    ), 0) AS cents
    FROM payments_payment p
    WHERE p.lease_id = ANY(%(leases)s) AND p.status = ANY(%(in_flight)s) AND p.direction = 'DEBIT'
    UNION ALL
    SELECT p.lease_id, p.tenant_id, p.fund_id, a.cents
    FROM payments_payment p JOIN payments_allocation a ON a.payment_id = p.id
    WHERE p.lease_id = ANY(%(leases)s) AND a.share_id IS NULL AND {LIVE}
), line AS (
    SELECT lease_id, tenant_id, fund_id, share_id, charge_id, kind, due_on, scheduled, open_cents,
        gross_cents, reopened
    FROM share
    UNION ALL
    SELECT lease_id, tenant_id, fund_id, NULL, NULL, NULL, '-infinity', false, 0, -cents, false
    FROM credit
), free AS MATERIALIZED (
    SELECT * FROM (
        SELECT line.*, greatest(0, least(gross_cents, sum(gross_cents) OVER (
            PARTITION BY lease_id, tenant_id, fund_id ORDER BY due_on, charge_id, share_id
        )))::bigint AS free_cents
        FROM line
    ) covered WHERE share_id IS NOT NULL
)
"""  # noqa: S608 - no values, only the texts above
FREE_OF_PAYERS = f"""
WITH {FREE}
SELECT lease_id, tenant_id, share_id, charge_id, fund_id, kind, due_on, open_cents, free_cents, reopened
FROM free WHERE open_cents > 0 ORDER BY due_on, charge_id, share_id
"""  # noqa: S608 - as above
# Of the payer's credit in a fund, what all shares there are leave.
CREDIT_LEFT = f"""
WITH {FREE}
SELECT greatest(0, -coalesce(sum(gross_cents), 0))::bigint FROM line
WHERE tenant_id = %(tenant)s AND fund_id = %(fund)s
"""  # noqa: S608 - as above

# Asked for one returned payment as for a whole file: OFFSET 0 keeps the planner from reading all
# payments and all shares to find a few.
LACKING = f"""
WITH wanted AS (
    SELECT DISTINCT share_id FROM payments_paymenttarget WHERE payment_id = ANY(%(ids)s)
), claim AS (
    SELECT t.payment_id, t.share_id, t.cents, sum(t.cents) OVER (
        PARTITION BY t.share_id ORDER BY t.payment_id
    ) AS upto_cents
    FROM wanted
    JOIN payments_paymenttarget t USING (share_id)
    CROSS JOIN LATERAL (
        SELECT p.status FROM payments_payment p WHERE p.id = t.payment_id OFFSET 0
    ) p
    WHERE p.status = ANY(%(in_flight)s) OR t.payment_id = ANY(%(ids)s)
), lacking AS (
    SELECT claim.payment_id, least(claim.cents, claim.upto_cents - open.cents) AS cents
    FROM claim
    CROSS JOIN LATERAL (
        SELECT s.cents - coalesce((
            SELECT sum(a.cents) FROM payments_allocation a WHERE a.share_id = s.id AND {LIVE}
        ), 0) AS cents
        FROM tenants_chargeshare s WHERE s.id = claim.share_id OFFSET 0
    ) open
    WHERE claim.payment_id = ANY(%(ids)s)
)
SELECT payment_id, sum(cents)::bigint FROM lacking WHERE cents > 0 GROUP BY payment_id
"""  # noqa: S608 - as above


class OpenShare(NamedTuple):
    """What a payer owes of one charge; `free_cents` is what no payment or credit covers yet."""

    share_id: int
    charge_id: int
    fund_id: int
    kind: str
    due_on: date
    open_cents: int
    free_cents: int
    reopened: bool


def open_shares(
    *, lease: Lease, tenant: Tenant, kinds: Collection[str] | None = None
) -> list[OpenShare]:
    """The payer's own open shares of the lease, the oldest first."""
    shares = open_shares_of([lease.pk]).get((lease.pk, tenant.pk), [])
    return [share for share in shares if kinds is None or share.kind in kinds]


def open_shares_of(lease_ids: Collection[int]) -> dict[tuple[int, int], list[OpenShare]]:
    """By lease and payer, the oldest first, in one statement however many there are."""
    given: dict[str, Any] = {"leases": list(lease_ids), "in_flight": list(IN_FLIGHT)}
    found: dict[tuple[int, int], list[OpenShare]] = {}
    with connection.cursor() as cursor:
        cursor.execute(FREE_OF_PAYERS, given)
        for lease_id, tenant_id, *row in cursor.fetchall():
            found.setdefault((lease_id, tenant_id), []).append(OpenShare(*row))
    return found


def open_cents(*, lease: Lease, tenant: Tenant, due_by: date) -> int:
    """What the payer owes by the day, less payments in flight and money paid ahead."""
    shares = open_shares(lease=lease, tenant=tenant)
    return sum(share.free_cents for share in shares if share.due_on <= due_by)


def credit_left(*, lease: Lease, tenant: Tenant, fund_id: int) -> int:
    """Money of the payer in a fund for which there is no charge yet: paid ahead, or on its way."""
    given: dict[str, Any] = {
        "leases": [lease.pk],
        "tenant": tenant.pk,
        "fund": fund_id,
        "in_flight": list(IN_FLIGHT),
    }
    with connection.cursor() as cursor:
        cursor.execute(CREDIT_LEFT, given)
        (cents,) = cursor.fetchone()
    return int(cents)


def lacking_cents(payment_ids: Sequence[int]) -> dict[int, int]:
    """Payment to the cents its targets lack: some other payment took them, or is to take them first.

    Among payments in flight the one made first comes first.
    """
    with connection.cursor() as cursor:
        cursor.execute(LACKING, {"ids": list(payment_ids), "in_flight": list(IN_FLIGHT)})
        return dict(cursor.fetchall())


class Limits(NamedTuple):
    """Of one company and effective date; null where there is no limit. Used is told beside a day's."""

    per_payment_cents: int | None
    per_day_cents: int | None
    used_cents: int


def limits_of(
    company_id: int, fund_ids: Collection[int], direction: Direction, effective_on: date
) -> Limits:
    """What the company, whose funds these are, may move, and has planned for the day."""
    limit = Limit.objects.filter(company=company_id, direction=direction).first()
    if limit is None or limit.per_day_cents is None:
        return Limits(limit.per_payment_cents if limit else None, None, 0)
    planned = Payment.objects.filter(
        fund__in=fund_ids, direction=direction, effective_on=effective_on
    ).exclude(status__in=NOT_USED)
    used = planned.aggregate(cents=Sum("cents"))["cents"] or 0
    return Limits(limit.per_payment_cents, limit.per_day_cents, used)


def content_sha(payment: Payment, targets: Sequence[tuple[int, int]]) -> str:
    """What an approval is bound to: who, from where, how much, when, and for which shares."""
    terms = (
        *(payment.order_id, payment.fund_id, payment.tenant_id, payment.lease_id),
        *(payment.mandate_id, payment.bank_account_id, payment.direction, payment.sec_code),
        *(payment.cents, payment.requested_on.isoformat(), sorted(targets)),
    )
    return sha256(json.dumps(terms).encode()).hexdigest()
