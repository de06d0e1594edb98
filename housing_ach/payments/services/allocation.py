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

# Money and due charges of one payer and fund are laid end to end on a line of cents, money in the
# order it came, charges by age. Between two neighbouring ends lies one piece of money beside one
# piece of a charge: that much goes there. Sorting alone does it, whatever the planner believes; `later`
# is read from its end, since a frame that only grows is summed up once for all rows.
DUE = f"""
{SHARES}, due AS (
    SELECT lease_id, fund_id, tenant_id, share_id, open_cents AS cents, row_number() OVER (
        ORDER BY due_on, charge_id, share_id
    ) AS age
    FROM share WHERE due_on <= %(on)s
)
"""  # noqa: S608 - no values, only the texts above
BESIDE = """
    SELECT money_id, share_id, cents FROM (
        SELECT min(money_id) OVER later AS money_id, (min(ARRAY[age, share_id]) OVER later)[2] AS share_id,
            min(money_id) OVER later IS NOT NULL AND min(age) OVER later IS NOT NULL AS both_there,
            here - lag(here, 1, 0::numeric) OVER (PARTITION BY {payer} ORDER BY here) AS cents
        FROM (
            SELECT {payer}, money_id, NULL::bigint AS age, NULL::bigint AS share_id,
                sum(cents) OVER (PARTITION BY {payer} ORDER BY money_id) AS here
            FROM {money}
            UNION ALL
            SELECT {payer}, NULL, age, share_id, sum(cents) OVER (PARTITION BY {payer} ORDER BY age)
            FROM {due}
        ) ends
        WINDOW later AS (PARTITION BY {payer} ORDER BY here DESC)
    ) pieces WHERE both_there AND cents > 0
"""
OWN = BESIDE.format(payer="lease_id, fund_id, tenant_id", money="money", due="due")
OTHER = BESIDE.format(payer="lease_id, fund_id", money="loose", due="unpaid")
# What the payer's own charges leave goes to the others of the lease, except what was paid for
# charges of the payer's own that are not due yet.
ALLOCATE = f"""
WITH {DUE}, money AS MATERIALIZED (
    SELECT p.id AS money_id, p.lease_id, p.fund_id, p.tenant_id,
        p.cents - coalesce(placed.cents, 0) AS cents
    FROM payments_payment p
    CROSS JOIN LATERAL (
        SELECT sum(a.cents) AS cents FROM payments_allocation a WHERE a.payment_id = p.id AND {LIVE}
    ) placed
    WHERE p.id = ANY(%(ids)s) AND p.direction = 'DEBIT'
        AND p.status NOT IN ('RETURNED', 'REJECTED', 'CANCELLED')
        AND p.cents > coalesce(placed.cents, 0)
), own AS MATERIALIZED ({OWN}), early AS (
    SELECT money_id, least(cents, open_cents) AS cents FROM (
        SELECT money_id, cents, max(open_cents) OVER (PARTITION BY share_id) AS open_cents FROM (
            SELECT share_id, NULL::bigint AS money_id, 0 AS cents, open_cents
            FROM share WHERE due_on > %(on)s
            UNION ALL
            SELECT share_id, payment_id, cents, NULL
            FROM payments_paymenttarget WHERE payment_id = ANY(%(ids)s)
        ) both_sides
    ) aimed WHERE money_id IS NOT NULL AND open_cents IS NOT NULL
), loose AS (
    SELECT money_id, lease_id, fund_id, cents FROM (
        SELECT money_id, max(lease_id) AS lease_id, max(fund_id) AS fund_id, sum(cents) AS cents FROM (
            SELECT money_id, lease_id, fund_id, cents FROM money
            UNION ALL SELECT money_id, NULL, NULL, -cents FROM own
            UNION ALL SELECT money_id, NULL, NULL, -cents FROM early
        ) left_over GROUP BY money_id
    ) rest WHERE cents > 0
), unpaid AS (
    SELECT * FROM (
        SELECT share_id, max(lease_id) AS lease_id, max(fund_id) AS fund_id, max(age) AS age,
            sum(cents) AS cents
        FROM (
            SELECT share_id, lease_id, fund_id, age, cents FROM due
            UNION ALL SELECT share_id, NULL, NULL, NULL, -cents FROM own
        ) left_over GROUP BY share_id
    ) rest WHERE cents > 0
), other AS MATERIALIZED ({OTHER}), made AS (
    INSERT INTO payments_allocation (payment_id, share_id, cents, made_at)
    SELECT money_id, share_id, sum(cents), %(at)s FROM (
        SELECT money_id, share_id, cents FROM own
        UNION ALL SELECT money_id, share_id, cents FROM other
        UNION ALL SELECT money_id, NULL, cents FROM money
        UNION ALL SELECT money_id, NULL, -cents FROM own
        UNION ALL SELECT money_id, NULL, -cents FROM other
    ) part GROUP BY money_id, share_id HAVING sum(cents) > 0
    ORDER BY money_id, share_id NULLS LAST
    RETURNING id, payment_id, share_id, cents
)
"""  # noqa: S608 - as above
# Money kept ahead goes to the payer's own charges alone. What is touched is released whole.
APPLY = f"""
WITH {DUE}, money AS MATERIALIZED (
    SELECT a.id AS money_id, a.payment_id, p.lease_id, p.fund_id, p.tenant_id, a.cents
    FROM payments_payment p JOIN payments_allocation a ON a.payment_id = p.id
    WHERE p.lease_id = ANY(%(leases)s) AND a.share_id IS NULL AND {LIVE}
), own AS MATERIALIZED ({OWN}), released AS (
    INSERT INTO payments_release (allocation_id, reason, made_at)
    SELECT DISTINCT money_id, 'APPLIED', %(at)s FROM own ORDER BY money_id
), part AS (
    SELECT money_id, payment_id, NULL::bigint AS share_id, cents FROM money
    UNION ALL SELECT money_id, NULL, NULL, -cents FROM own
    UNION ALL SELECT money_id, NULL, share_id, cents FROM own
), named AS (
    SELECT share_id, cents, max(payment_id) OVER of_money AS payment_id,
        bool_or(share_id IS NOT NULL) OVER of_money AS touched
    FROM part WINDOW of_money AS (PARTITION BY money_id)
), made AS (
    INSERT INTO payments_allocation (payment_id, share_id, cents, made_at)
    SELECT payment_id, share_id, sum(cents), %(at)s FROM named WHERE touched
    GROUP BY payment_id, share_id HAVING sum(cents) > 0
    ORDER BY payment_id, share_id NULLS LAST
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
