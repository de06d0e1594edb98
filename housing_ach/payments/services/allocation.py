"""Where settled cents go: to shares of charges, or ahead of them.

An allocation is made and released whole, and the books say the same, line by line.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction

from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft
from housing_ach.ledger.services import post
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import LIVE, SHARES
from housing_ach.payments.services.locking import lock_leases
from housing_ach.payments.services.places import PLACED, ahead_number, ask_places, placing_drafts

# Charges that are due, by age; money in the order it came. Both are laid end to end on one line of
# cents, and where a piece of money lies beside a piece of a share, that much goes there.
DUE_SHARES = f"""
{SHARES}, due AS MATERIALIZED (
    SELECT lease_id, fund_id, tenant_id, share_id, open_cents, row_number() OVER (
        ORDER BY due_on, charge_id, share_id
    ) AS age
    FROM share WHERE due_on <= %(on)s AND open_cents > 0
)
"""  # noqa: S608 - no values, only the texts above
OWN = """
own AS MATERIALIZED (
    SELECT m.money_id, d.share_id, least(m.upto, d.upto) - greatest(m.after, d.after) AS cents
    FROM (
        SELECT *, sum(cents) OVER line AS upto, sum(cents) OVER line - cents AS after
        FROM money WINDOW line AS (PARTITION BY lease_id, fund_id, tenant_id ORDER BY money_id)
    ) m
    JOIN (
        SELECT *, sum(open_cents) OVER line AS upto, sum(open_cents) OVER line - open_cents AS after
        FROM due WINDOW line AS (PARTITION BY lease_id, fund_id, tenant_id ORDER BY age)
    ) d USING (lease_id, fund_id, tenant_id)
    WHERE least(m.upto, d.upto) > greatest(m.after, d.after)
)
"""
# What the payer's own charges leave goes to the others of the lease, except what was paid for
# charges of the payer's own that are not due yet.
ALLOCATE = f"""
WITH {DUE_SHARES}, money AS MATERIALIZED (
    SELECT p.id AS money_id, p.lease_id, p.fund_id, p.tenant_id,
        p.cents - coalesce(placed.cents, 0) AS cents, coalesce(early.cents, 0) AS early_cents
    FROM payments_payment p
    CROSS JOIN LATERAL (
        SELECT sum(a.cents) AS cents FROM payments_allocation a WHERE a.payment_id = p.id AND {LIVE}
    ) placed
    CROSS JOIN LATERAL (
        SELECT sum(least(t.cents, share.open_cents)) AS cents
        FROM payments_paymenttarget t JOIN share USING (share_id)
        WHERE t.payment_id = p.id AND share.due_on > %(on)s
    ) early
    WHERE p.id = ANY(%(ids)s) AND p.direction = 'DEBIT'
        AND p.status NOT IN ('RETURNED', 'REJECTED', 'CANCELLED')
        AND p.cents > coalesce(placed.cents, 0)
), {OWN}, other AS MATERIALIZED (
    SELECT m.money_id, d.share_id, least(m.upto, d.upto) - greatest(m.after, d.after) AS cents
    FROM (
        SELECT *, sum(cents) OVER line AS upto, sum(cents) OVER line - cents AS after FROM (
            SELECT money_id, lease_id, fund_id, cents - early_cents - coalesce((
                SELECT sum(own.cents) FROM own WHERE own.money_id = money.money_id
            ), 0) AS cents
            FROM money
        ) loose WHERE cents > 0 WINDOW line AS (PARTITION BY lease_id, fund_id ORDER BY money_id)
    ) m
    JOIN (
        SELECT *, sum(cents) OVER line AS upto, sum(cents) OVER line - cents AS after FROM (
            SELECT share_id, lease_id, fund_id, age, open_cents - coalesce((
                SELECT sum(own.cents) FROM own WHERE own.share_id = due.share_id
            ), 0) AS cents
            FROM due
        ) unpaid WHERE cents > 0 WINDOW line AS (PARTITION BY lease_id, fund_id ORDER BY age)
    ) d USING (lease_id, fund_id)
    WHERE least(m.upto, d.upto) > greatest(m.after, d.after)
), placed AS (
    SELECT * FROM own UNION ALL SELECT * FROM other
), made AS (
    INSERT INTO payments_allocation (payment_id, share_id, cents, made_at)
    SELECT money_id, share_id, sum(cents), %(at)s FROM (
        SELECT * FROM placed
        UNION ALL
        SELECT money_id, NULL, money.cents - coalesce((
            SELECT sum(placed.cents) FROM placed WHERE placed.money_id = money.money_id
        ), 0)
        FROM money
    ) part WHERE cents > 0 GROUP BY money_id, share_id ORDER BY money_id, share_id NULLS LAST
    RETURNING id, payment_id, share_id, cents
)
"""  # noqa: S608 - as above
# Money kept ahead goes to the payer's own charges alone. What is touched is released whole.
APPLY = f"""
WITH {DUE_SHARES}, money AS MATERIALIZED (
    SELECT a.id AS money_id, a.payment_id, p.lease_id, p.fund_id, p.tenant_id, a.cents
    FROM payments_allocation a JOIN payments_payment p ON p.id = a.payment_id
    WHERE a.share_id IS NULL AND p.lease_id = ANY(%(leases)s) AND {LIVE}
), {OWN}, touched AS MATERIALIZED (
    SELECT money_id, payment_id, cents - (
        SELECT sum(own.cents) FROM own WHERE own.money_id = money.money_id
    ) AS rest_cents
    FROM money WHERE money_id IN (SELECT money_id FROM own)
), released AS (
    INSERT INTO payments_release (allocation_id, reason, made_at)
    SELECT money_id, 'APPLIED', %(at)s FROM touched ORDER BY money_id
), made AS (
    INSERT INTO payments_allocation (payment_id, share_id, cents, made_at)
    SELECT payment_id, share_id, sum(cents), %(at)s FROM (
        SELECT payment_id, share_id, cents FROM own JOIN touched USING (money_id)
        UNION ALL
        SELECT payment_id, NULL, rest_cents FROM touched
    ) part WHERE cents > 0 GROUP BY payment_id, share_id ORDER BY payment_id, share_id NULLS LAST
    RETURNING id, payment_id, share_id, cents
)
"""  # noqa: S608 - as above
WITH_CREDIT = f"""
SELECT DISTINCT p.lease_id
FROM payments_allocation a
JOIN payments_payment p ON p.id = a.payment_id
JOIN tenants_charge c ON c.lease_id = p.lease_id AND c.fund_id = p.fund_id AND c.due_on <= %(on)s
JOIN tenants_chargeshare s ON s.charge_id = c.id AND s.tenant_id = p.tenant_id
WHERE a.share_id IS NULL AND {LIVE} AND s.cents > coalesce((
    SELECT sum(paid.cents) FROM payments_allocation paid
    WHERE paid.share_id = s.id
        AND NOT EXISTS (SELECT FROM payments_release r WHERE r.allocation_id = paid.id)
), 0)
"""  # noqa: S608 - as above


@transaction.atomic
def allocate(
    payment_ids: Sequence[int], *, on: date, at: datetime, also: Sequence[Draft] = ()
) -> None:
    """Place what settled payments have not placed yet; again does nothing.

    The payer's own charges due by `on`, then the others' of the lease, oldest first, all of the
    payment's own fund; the rest is kept ahead. `also` is posted in the same go (post once a
    transaction). The caller has the payments locked.
    """
    leases = lock_leases(
        Payment.objects.filter(pk__in=payment_ids).values_list("lease_id", flat=True)
    )
    places = ask_places(ALLOCATE + PLACED, leases=leases, ids=list(payment_ids), on=on, at=at)
    drafts = placing_drafts(
        "ALLOCATION", places, from_number=lambda _: chart.PAYMENTS_PENDING, on=on
    )
    post([*also, *drafts], at=at)


@transaction.atomic
def apply_prepaid(*, on: date, at: datetime) -> int:
    """Put money kept ahead to its payers' charges due by `on`; returns how many allocations it made."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_CREDIT, {"on": on})
        leases = lock_leases(pk for (pk,) in cursor.fetchall())
    if not leases:
        return 0
    places = ask_places(APPLY + PLACED, leases=leases, on=on, at=at)
    post(placing_drafts("PREPAID_APPLIED", places, from_number=ahead_number, on=on), at=at)
    return len(places)
