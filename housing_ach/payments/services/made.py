"""What every way of making a payment shares."""

from collections.abc import Sequence

from django.db import connection

from housing_ach.payments.models import Payment

PAYMENT = Payment._meta.label_lower
TELL = """
    INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
    SELECT 'payment.' || lower(status), %(subject)s, id::text, '', status,
        CASE purpose WHEN 'ACCTVERIFY' THEN jsonb_build_object('order', order_id)
            ELSE jsonb_build_object('order', order_id, 'cents', cents) END
    FROM payments_payment WHERE id = ANY(%(ids)s) ORDER BY id
"""


def tell_made(payment_ids: Sequence[int]) -> None:
    """The first event of each: from nothing to the status it was made with.

    The cents of a micro-deposit are told nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"subject": PAYMENT, "ids": list(payment_ids)})
