"""The invariants of the ledger: I1, I2, I3, I4, I7 and I11 of the books. All set-based."""

from collections.abc import Mapping
from typing import Any

from housing_ach.batches.states import EntryStatus, EvidenceKind
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.ledger import chart
from housing_ach.ledger.states import FundKind
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.proof.findings import Finding, ask

TRUST_ACCOUNTS = (
    chart.BANK,
    chart.IN_TRANSIT,
    chart.PAYMENTS_PENDING,
    chart.TRUST_SHORTAGE,
    chart.FEE_TO_GIVE_BACK,
    chart.RETURNS_TO_BE_CHARGED,
    chart.SUSPENSE,
    chart.PREPAID_RENT,
    chart.UNAPPLIED_DEPOSIT,
    chart.DEPOSITS_HELD,
    chart.TO_TRANSFER,
    chart.DISBURSEMENTS_IN_TRANSIT,
    chart.CHEQUES_OUTSTANDING,
    chart.RETURNED_DISBURSEMENTS,
    chart.OWNER_UNCLEARED,
    chart.OWNER_PAYABLE,
    chart.FEE_TO_SWEEP,
    chart.DUE_TO,
)
NEVER_OVERDRAWN = (
    chart.PREPAID_RENT,
    chart.UNAPPLIED_DEPOSIT,
    chart.DEPOSITS_HELD,
    chart.OWNER_UNCLEARED,
    chart.OWNER_PAYABLE,
)


def zero_sum() -> Finding:
    """I1: every fund sums to zero, and stored balances equal a recomputation from the transfers."""
    return ask(
        """
        SELECT a.id, a.fund_id, b.cents AS stored, coalesce(t.cents, 0) AS moved
        FROM ledger_account a
        LEFT JOIN ledger_balance b ON b.account_id = a.id
        LEFT JOIN (
            SELECT account_id, sum(cents) AS cents
            FROM (
                SELECT debit_id AS account_id, cents FROM ledger_transfer
                UNION ALL SELECT credit_id, -cents FROM ledger_transfer
            ) sides
            GROUP BY account_id
        ) t ON t.account_id = a.id
        """,
        """
        SELECT 'account', id, format('stored %%s cents, its transfers make %%s', stored, moved)
        FROM facts WHERE coalesce(stored, 0) <> moved
        UNION ALL
        SELECT 'fund', fund_id,
            format('balances sum to %%s cents, transfers to %%s', sum(stored), sum(moved))
        FROM facts GROUP BY fund_id HAVING sum(stored) <> 0 OR sum(moved) <> 0
        """,
        {},
    )


def receivables() -> Finding:
    """I2: 1200 + 1210 per fund, lease and payer = shares of charges - live allocations to them."""
    return ask(
        """
        SELECT coalesce(books.lease, owed.lease) AS lease,
            coalesce(books.party, owed.party) AS party,
            coalesce(books.cents, 0) AS booked, coalesce(owed.cents, 0) AS owed
        FROM (
            SELECT a.fund_id, a.lease, a.party, sum(b.cents) AS cents
            FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
            WHERE a.number = ANY(%(receivables)s) GROUP BY 1, 2, 3
        ) books
        FULL JOIN (
            SELECT c.fund_id, c.lease_id AS lease, 'tenant:' || s.tenant_id AS party,
                sum(s.cents - coalesce(paid.cents, 0)) AS cents
            FROM tenants_chargeshare s JOIN tenants_charge c ON c.id = s.charge_id
            LEFT JOIN (
                SELECT share_id, sum(cents) AS cents FROM live
                WHERE share_id IS NOT NULL GROUP BY 1
            ) paid ON paid.share_id = s.id
            GROUP BY 1, 2, 3
        ) owed USING (fund_id, lease, party)
        """,
        """
        SELECT 'lease', lease,
            format('%%s: the books say %%s cents, charges less payments %%s', party, booked, owed)
        FROM facts WHERE booked <> owed
        """,
        {"receivables": [chart.TENANT_RECEIVABLE, chart.DEPOSIT_RECEIVABLE]},
    )


def trust() -> Finding:
    """I3: what a trust fund holds is what it owes, and every cent missing has an open Case."""
    given = {
        "operating": FundKind.OPERATING,
        "trust": list(TRUST_ACCOUNTS),
        "short": [chart.TRUST_SHORTAGE, chart.FEE_TO_GIVE_BACK],
        "case": CaseKind.TRUST_SHORTAGE,
        "open": CaseStatus.OPEN,
    }
    held = ask(
        """
        SELECT f.id, coalesce(sum(b.cents), 0) AS cents
        FROM ledger_fund f
        LEFT JOIN ledger_account a ON a.fund_id = f.id AND a.number = ANY(%(trust)s)
        LEFT JOIN ledger_balance b ON b.account_id = a.id
        WHERE f.kind <> %(operating)s GROUP BY f.id
        """,
        """
        SELECT 'fund', id, format('holds %%s cents more than it owes', cents)
        FROM facts WHERE cents <> 0
        """,
        given,
    )
    return held + _shortages_have_cases(given)


def _shortages_have_cases(given: Mapping[str, Any]) -> Finding:
    return ask(
        """
        SELECT short.fund_id, short.lease, short.cents, coalesce(told.cents, 0) AS told
        FROM (
            SELECT a.fund_id, a.lease, sum(b.cents) AS cents
            FROM ledger_account a
            JOIN ledger_balance b ON b.account_id = a.id
            JOIN ledger_fund f ON f.id = a.fund_id AND f.kind <> %(operating)s
            WHERE a.number = ANY(%(short)s) GROUP BY 1, 2
        ) short
        LEFT JOIN (
            SELECT p.fund_id, p.lease_id AS lease, sum(c.cents) AS cents
            FROM cases_case c
            JOIN payments_payment p ON p.id = c.subject_id::bigint
            WHERE c.kind = %(case)s AND c.status = %(open)s AND c.subject = 'payments.payment'
            GROUP BY 1, 2
        ) told USING (fund_id, lease)
        """,
        """
        SELECT 'lease', lease,
            format('%%s cents left trust fund %%s too early, open cases tell of %%s', cents, fund_id, told)
        FROM facts WHERE cents > told
        """,
        given,
    )


def settled_cents() -> Finding:
    """I4: every settled cent is allocated, prepaid or unapplied, in the tables as in the books."""
    settled = [PaymentStatus.SETTLED, PaymentStatus.CLEARED, PaymentStatus.REVERSED]
    placed = ask(
        """
        SELECT p.id, p.status, coalesce(l.cents, 0) AS placed,
            CASE WHEN p.status = ANY(%(settled)s) THEN p.cents ELSE 0 END AS wanted
        FROM payments_payment p
        LEFT JOIN (
            SELECT payment_id, sum(cents) AS cents FROM live GROUP BY 1
        ) l ON l.payment_id = p.id
        WHERE p.direction = %(debit)s
        """,
        """
        SELECT 'payment', id,
            format('%%s: %%s cents are placed where %%s should be', status, placed, wanted)
        FROM facts WHERE placed <> wanted
        """,
        {"settled": settled, "debit": Direction.DEBIT},
    )
    return placed + _unapplied() + _pending()


def _unapplied() -> Finding:
    return ask(
        """
        SELECT coalesce(books.lease, kept.lease) AS lease,
            coalesce(books.party, kept.party) AS party,
            coalesce(books.cents, 0) AS booked, coalesce(kept.cents, 0) AS kept
        FROM (
            SELECT a.fund_id, a.lease, a.party, -sum(b.cents) AS cents
            FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
            WHERE a.number = ANY(%(unapplied)s) GROUP BY 1, 2, 3
        ) books
        FULL JOIN (
            SELECT p.fund_id, p.lease_id AS lease, 'tenant:' || p.tenant_id AS party,
                sum(l.cents) AS cents
            FROM live l JOIN payments_payment p ON p.id = l.payment_id
            WHERE l.share_id IS NULL GROUP BY 1, 2, 3
        ) kept USING (fund_id, lease, party)
        """,
        """
        SELECT 'lease', lease,
            format('%%s: the books keep %%s unapplied cents, the payments %%s', party, booked, kept)
        FROM facts WHERE booked <> kept
        """,
        {"unapplied": [chart.PREPAID_RENT, chart.UNAPPLIED_DEPOSIT]},
    )


def _pending() -> Finding:
    """2050 is what is with the bank, neither settled nor back, of each payer."""
    return ask(
        """
        SELECT coalesce(books.lease, sent.lease) AS lease,
            coalesce(books.party, sent.party) AS party,
            coalesce(books.cents, 0) AS booked, coalesce(sent.cents, 0) AS on_its_way
        FROM (
            SELECT a.fund_id, a.lease, a.party, -sum(b.cents) AS cents
            FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
            WHERE a.number = %(pending)s GROUP BY 1, 2, 3
        ) books
        FULL JOIN (
            SELECT p.fund_id, p.lease_id AS lease, 'tenant:' || p.tenant_id AS party,
                sum(e.cents) AS cents
            FROM batches_entry e JOIN payments_payment p ON p.id = e.payment_id
            WHERE e.status = ANY(%(sent)s) AND p.direction = %(debit)s GROUP BY 1, 2, 3
        ) sent USING (fund_id, lease, party)
        """,
        """
        SELECT 'lease', lease,
            format('%%s: the books await %%s cents, %%s are with the bank', party, booked, on_its_way)
        FROM facts WHERE booked <> on_its_way
        """,
        {
            "pending": chart.PAYMENTS_PENDING,
            "sent": [EntryStatus.SENT, EntryStatus.ACCEPTED],
            "debit": Direction.DEBIT,
        },
    )


def never_overdrawn() -> Finding:
    """I7: nobody's 2060, 2065, 2100, 2290 or 2300 is below zero."""
    return ask(
        """
        SELECT a.id, a.number, a.party, a.lease, -b.cents AS cents
        FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
        WHERE a.number = ANY(%(numbers)s)
        """,
        """
        SELECT 'account', id, format('%%s of %%s, lease %%s, is %%s cents', number, party, lease, cents)
        FROM facts WHERE cents < 0
        """,
        {"numbers": list(NEVER_OVERDRAWN)},
    )


IN_TRANSIT = """
    SELECT coalesce(books.batch_id, sent.batch_id) AS batch_id,
        coalesce(books.transit, 0) AS transit, coalesce(sent.unsettled, 0) AS unsettled,
        coalesce(books.returns, 0) AS returns, coalesce(sent.uncharged, 0) AS uncharged,
        coalesce(books.paying, 0) AS paying, coalesce(sent.unpaid, 0) AS unpaid
    FROM (
        SELECT split_part(a.party, ':', 2)::bigint AS batch_id,
            sum(b.cents) FILTER (WHERE a.number = %(transit)s) AS transit,
            -sum(b.cents) FILTER (WHERE a.number = %(returns)s) AS returns,
            -sum(b.cents) FILTER (WHERE a.number = %(paying)s) AS paying
        FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
        WHERE a.number = ANY(%(numbers)s) AND a.party ~ '^batch:[0-9]+$' GROUP BY 1
    ) books
    FULL JOIN (
        SELECT e.batch_id,
            sum(e.cents) FILTER (WHERE e.settled_on IS NULL AND b.direction = %(debit)s) AS unsettled,
            coalesce(sum(e.cents) FILTER (
                WHERE e.settled_on IS NULL AND b.direction = %(credit)s
            ), 0) - coalesce(sum(e.cents) FILTER (
                WHERE e.returned_on IS NOT NULL AND b.direction = %(credit)s AND v.id IS NULL
            ), 0) AS unpaid,
            sum(e.cents) FILTER (
                WHERE e.returned_on IS NOT NULL AND b.direction = %(debit)s AND v.id IS NULL
            ) AS uncharged
        FROM batches_entry e JOIN batches_batch b ON b.id = e.batch_id
        LEFT JOIN batches_evidence v ON v.entry_id = e.id AND v.kind = %(charged)s
        WHERE e.status = ANY(%(published)s) GROUP BY 1
    ) sent USING (batch_id)
"""


def in_transit() -> Finding:
    """I11: per batch 1100, 1110 and 2150 are exactly its unsettled and its uncharged entries.

    A returned credit is in 2150 the other way round, until the bank has given it back.
    """
    published = [
        EntryStatus.SENT,
        EntryStatus.ACCEPTED,
        EntryStatus.SETTLED,
        EntryStatus.RETURNED,
        EntryStatus.DISHONORED,
        EntryStatus.CONTESTED,
    ]
    return ask(
        IN_TRANSIT,
        """
        SELECT 'batch', batch_id, format(
            '1100 %%s for %%s unsettled, 1110 %%s for %%s uncharged, 2150 %%s for %%s unpaid cents',
            transit, unsettled, returns, uncharged, paying, unpaid)
        FROM facts WHERE (transit, returns, paying) <> (unsettled, uncharged, unpaid)
        """,
        {
            "transit": chart.IN_TRANSIT,
            "returns": chart.RETURNS_TO_BE_CHARGED,
            "paying": chart.DISBURSEMENTS_IN_TRANSIT,
            "numbers": [
                chart.IN_TRANSIT,
                chart.RETURNS_TO_BE_CHARGED,
                chart.DISBURSEMENTS_IN_TRANSIT,
            ],
            "published": published,
            "charged": EvidenceKind.RETURN_CHARGED,
            "debit": Direction.DEBIT,
            "credit": Direction.CREDIT,
        },
    )
