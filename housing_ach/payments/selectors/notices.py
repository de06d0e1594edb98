"""Which autopay debits their payer must be told of ten days ahead, and has not been."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from housing_ach.mandates.models import Notice
from housing_ach.payments.models import Payment

# Of the payments asked about, and of those asked for beside them: too little each, or too much
# together. A retry is the debit that was told; what was stopped is debited no more.
OUT_OF_RANGE = """
WITH suspect AS (
    SELECT DISTINCT p.order_id
    FROM payments_payment p
    JOIN payments_order o ON o.id = p.order_id
    JOIN mandates_mandate m ON m.id = p.mandate_id
    WHERE p.id = ANY(%s) AND o.kind = 'AUTOPAY' AND p.retries = 0
        AND (p.cents < m.min_cents OR o.cents > m.max_cents)
), live AS (
    SELECT p.id, p.order_id, p.mandate_id, p.cents, p.cents < m.min_cents OR sum(p.cents) OVER (
        PARTITION BY p.order_id
    ) > m.max_cents AS out_of_range
    FROM suspect
    JOIN payments_payment p USING (order_id)
    JOIN mandates_mandate m ON m.id = p.mandate_id
    WHERE p.status NOT IN ('CANCELLED', 'REJECTED') AND p.retries = 0
)
SELECT id, order_id, mandate_id, (sum(cents) OVER (PARTITION BY order_id))::bigint
FROM live WHERE out_of_range ORDER BY id
"""
TOLD = """
SELECT n.mandate_id, n.cents FROM mandates_notice n
WHERE n.mandate_id = ANY(%s) AND n.kind = 'VARYING_AMOUNT' AND n.debit_on = %s
    AND n.lawful_on <= n.debit_on
"""


class OutOfRange(NamedTuple):
    """A debit outside the authorised range; `notice_cents` is what its payer must be told."""

    payment_id: int
    order_id: int
    mandate_id: int
    notice_cents: int


def out_of_range(payment_ids: Sequence[int]) -> list[OutOfRange]:
    """The autopay debits outside their range, of these payments' orders: the others of one too."""
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_RANGE, [list(payment_ids)])
        return [OutOfRange(*row) for row in cursor.fetchall()]


def notice_of(payment: Payment) -> Notice | None:
    """What its payer was, or is to be, told of the debit on the day it is planned for."""
    found = [row for row in out_of_range([payment.pk]) if row.payment_id == payment.pk]
    if not found:
        return None
    return Notice.objects.filter(
        mandate=found[0].mandate_id, cents=found[0].notice_cents, debit_on=payment.effective_on
    ).first()


def untold(payment_ids: Sequence[int], *, on: date) -> list[OutOfRange]:
    """Of these payments, what may not be debited on that day: nobody was told amount and date in time."""
    asked = set(payment_ids)
    found = [row for row in out_of_range(payment_ids) if row.payment_id in asked]
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [sorted({row.mandate_id for row in found}), on])
        told = set(cursor.fetchall())
    return [row for row in found if (row.mandate_id, row.notice_cents) not in told]
