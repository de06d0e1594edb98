"""The invariants of what happened: I6 returns, I8 the audit chain, I9 evidence, I12 no second debit."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import connection

from housing_ach.audit.chain import broken_links, head
from housing_ach.batches.states import LIVE_ENTRY, BatchStatus, EntryStatus, EvidenceKind
from housing_ach.ledger import chart
from housing_ach.mandates.states import VerificationMethod, VerificationStatus
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.payouts.states import MicroDepositStatus
from housing_ach.proof.findings import Finding, Offender, ask
from housing_ach.shared.business_days import add_banking_days


def returned_payments() -> Finding:
    """I6: a return leaves no live allocation, unless a later attempt of the payment settled."""
    return ask(
        """
        SELECT p.id, coalesce(l.cents, 0) AS cents
        FROM payments_payment p
        LEFT JOIN (
            SELECT payment_id, sum(cents) AS cents FROM live GROUP BY 1
        ) l ON l.payment_id = p.id
        WHERE EXISTS (
            SELECT FROM batches_entry e WHERE e.payment_id = p.id AND e.status = %(returned)s
        ) AND NOT EXISTS (
            SELECT FROM batches_entry e WHERE e.payment_id = p.id AND e.status = ANY(%(kept)s)
        )
        """,
        """
        SELECT 'payment', id, format('was returned and still has %%s cents allocated', cents)
        FROM facts WHERE cents <> 0
        """,
        {
            "returned": EntryStatus.RETURNED,
            "kept": [EntryStatus.SETTLED, EntryStatus.DISHONORED],
        },
    )


def audit_chain() -> Finding:
    """I8: the chain of digests is whole, and every row of history is as it was written."""
    return Finding(head().seq + 1, [_fault(told) for told in broken_links()])


def _fault(told: str) -> Offender:
    """`digest 7: the rows ... were changed`, or a whole table's: `returns_return: its trigger ...`."""
    what, _, why = told.partition(": ")
    subject, _, number = what.rpartition(" ")
    return Offender(subject, number, why) if number.isdigit() else Offender("table", what, why)


def evidence() -> Finding:
    """I9: nothing is SETTLED or CLEARED without the bank's word for it, and nothing verified without."""
    settled = _settled_batches() + _settled_payments() + _cleared_payments()
    return settled + _money_at_the_bank() + _told_amounts()


def _money_at_the_bank() -> Finding:
    """1000 of a fund is what the bank said settled, less what it said it charged for returns we read."""
    return ask(
        """
        SELECT coalesce(books.fund_id, told.fund_id) AS fund_id,
            coalesce(books.cents, 0) AS booked, coalesce(told.cents, 0) AS told
        FROM (
            SELECT a.fund_id, sum(b.cents) AS cents
            FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
            WHERE a.number = %(bank)s GROUP BY 1
        ) books
        FULL JOIN (
            SELECT b.fund_id, sum(CASE WHEN (v.kind = %(settled)s) = (b.direction = %(debit)s)
                THEN v.cents ELSE -v.cents END) AS cents
            FROM batches_evidence v
            LEFT JOIN batches_entry e ON e.id = v.entry_id
            JOIN batches_batch b ON b.id = coalesce(v.batch_id, e.batch_id)
            WHERE v.kind = %(settled)s OR v.kind = %(charged)s AND e.returned_on IS NOT NULL
            GROUP BY 1
        ) told USING (fund_id)
        """,
        """
        SELECT 'fund', fund_id, format('%%s cents at the bank, by its reports %%s', booked, told)
        FROM facts WHERE booked <> told
        """,
        {
            "bank": chart.BANK,
            "settled": EvidenceKind.SETTLED,
            "charged": EvidenceKind.RETURN_CHARGED,
            "debit": Direction.DEBIT,
        },
    )


def _told_amounts() -> Finding:
    """Micro-deposits verify where somebody told the amounts within three tries, and both are there."""
    return (
        ask(
            """
        SELECT m.id, m.status, t.told, p.there
        FROM payouts_microdeposits m
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE t."right") AS told
            FROM payouts_microdeposittry t WHERE t.micro_deposits_id = m.id
        ) t
        CROSS JOIN LATERAL (
            SELECT count(*) AS there FROM payments_payment p
            WHERE p.order_id = m.order_id AND p.status = ANY(%(arrived)s)
        ) p
        """,
            """
        SELECT 'micro-deposits', id, format('%%s, told rightly %%s times, %%s arrived', status, told, there)
        FROM facts WHERE status = %(verified)s AND (told <> 1 OR there <> 2)
        """,
            {
                "arrived": [PaymentStatus.SETTLED, PaymentStatus.CLEARED],
                "verified": MicroDepositStatus.VERIFIED,
            },
        )
        + _verified_by_amounts()
    )


def _verified_by_amounts() -> Finding:
    return ask(
        """
        SELECT a.id, EXISTS (
            SELECT FROM payouts_microdeposits m
            WHERE m.bank_account_id = a.id AND m.status = %(told)s
        ) AS told
        FROM mandates_bankaccount a
        WHERE a.verification = %(verified)s AND a.verification_method = %(method)s
        """,
        """
        SELECT 'bank account', id, 'verified by micro-deposits whose amounts nobody told'
        FROM facts WHERE NOT told
        """,
        {
            "told": MicroDepositStatus.VERIFIED,
            "verified": VerificationStatus.VERIFIED,
            "method": VerificationMethod.MICRO_DEPOSIT,
        },
    )


def _settled_batches() -> Finding:
    return ask(
        """
        SELECT b.id, v.id IS NOT NULL AS told,
            coalesce(bool_and(e.settled_on = v.banking_on), true) AS on_the_day
        FROM batches_batch b
        LEFT JOIN batches_entry e ON e.batch_id = b.id AND e.settled_on IS NOT NULL
        LEFT JOIN batches_evidence v ON v.batch_id = b.id AND v.kind = %(settled)s
        WHERE b.status = %(status)s OR b.settled_on IS NOT NULL OR e.id IS NOT NULL
        GROUP BY b.id, v.id
        """,
        """
        SELECT 'batch', id, CASE WHEN told THEN 'settled on another day than the bank says'
            ELSE 'settled without a settlement report' END
        FROM facts WHERE NOT (told AND on_the_day)
        """,
        {"settled": EvidenceKind.SETTLED, "status": BatchStatus.SETTLED},
    )


def _settled_payments() -> Finding:
    return ask(
        """
        SELECT p.id, p.status, EXISTS (
            SELECT FROM batches_entry e
            WHERE e.payment_id = p.id AND e.status = %(settled)s AND e.settled_on IS NOT NULL
        ) AS settled
        FROM payments_payment p WHERE p.status = ANY(%(statuses)s)
        """,
        """
        SELECT 'payment', id, format('%%s, but none of its entries is settled', status)
        FROM facts WHERE NOT settled
        """,
        {
            "settled": EntryStatus.SETTLED,
            "statuses": [PaymentStatus.SETTLED, PaymentStatus.CLEARED],
        },
    )


def _cleared_payments() -> Finding:
    """CLEARED needs the bank's returns, or its word that there are none, of `clear_after` days."""
    cleared: dict[tuple[int, int, date], list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.profile_id, f.clear_after, e.settled_on, array_agg(p.id ORDER BY p.id)
            FROM payments_payment p
            JOIN batches_entry e ON e.payment_id = p.id AND e.status = %s
            JOIN batches_batch b ON b.id = e.batch_id
            JOIN bank_company o ON o.id = b.company_id
            JOIN bank_bankprofile f ON f.id = o.profile_id
            WHERE p.status = %s AND e.settled_on IS NOT NULL GROUP BY 1, 2, 3
            """,
            [EntryStatus.SETTLED, PaymentStatus.CLEARED],
        )
        for profile, clear_after, settled_on, ids in cursor.fetchall():
            cleared[profile, clear_after, settled_on] = ids
        cursor.execute(
            "SELECT DISTINCT profile_id, banking_on FROM batches_evidence WHERE kind = %s",
            [EvidenceKind.RETURNS_READ],
        )
        read = set(cursor.fetchall())
    offenders = [
        Offender("payment", str(pk), f"CLEARED, but the returns of {missing} were not read")
        for (profile, clear_after, settled_on), ids in sorted(cleared.items())
        for missing in _unread(profile, settled_on, clear_after, read)
        for pk in ids
    ]
    return Finding(sum(len(ids) for ids in cleared.values()), offenders)


def _unread(
    profile: int, settled_on: date, clear_after: int, read: Iterable[tuple[int, date]]
) -> list[date]:
    days = (add_banking_days(settled_on, count) for count in range(1, clear_after + 1))
    return [day for day in days if (profile, day) not in read]


def debited_once() -> Finding:
    """I12: one payment for one Order and fund, and at most one of its entries keeps the money."""
    return ask(
        """
        SELECT p.order_id, p.fund_id, count(DISTINCT p.id) AS payments,
            count(e.id) FILTER (WHERE e.status = ANY(%(keeping)s)) AS debits
        FROM payments_payment p LEFT JOIN batches_entry e ON e.payment_id = p.id
        WHERE p.direction = %(debit)s GROUP BY 1, 2
        """,
        """
        SELECT 'order', order_id, format('fund %%s: %%s payments, %%s debits', fund_id, payments, debits)
        FROM facts WHERE payments > 1 OR debits > 1
        """,
        {
            "keeping": [*LIVE_ENTRY, EntryStatus.SETTLED, EntryStatus.DISHONORED],
            "debit": Direction.DEBIT,
        },
    )
