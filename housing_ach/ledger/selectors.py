"""What the books say. Cents are debits less credits, whatever the account."""

from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Sum

from housing_ach.ledger.chart import (
    DEPOSIT_RECEIVABLE,
    PREPAID_RENT,
    TENANT_RECEIVABLE,
    UNAPPLIED_DEPOSIT,
)
from housing_ach.ledger.drafts import Key
from housing_ach.ledger.models import Balance

# Where a lease stands with us: what its tenants owe, and what they paid ahead.
STATEMENT_NUMBERS = [TENANT_RECEIVABLE, DEPOSIT_RECEIVABLE, PREPAID_RENT, UNAPPLIED_DEPOSIT]
STATEMENT = """
    WITH line AS (
        SELECT t.id, t.journal_id, a.number, a.party, t.cents, 1 AS side
            FROM ledger_account a JOIN ledger_transfer t ON t.debit_id = a.id
            WHERE a.lease = %(lease)s AND a.number = ANY(%(numbers)s)
        UNION ALL
        SELECT t.id, t.journal_id, a.number, a.party, -t.cents, 2
            FROM ledger_account a JOIN ledger_transfer t ON t.credit_id = a.id
            WHERE a.lease = %(lease)s AND a.number = ANY(%(numbers)s)
    )
    SELECT j.effective_on, j.kind, j.subject, j.subject_id, line.number, line.party, line.cents,
        sum(line.cents) OVER (ORDER BY j.effective_on, line.id, line.side)::bigint
    FROM line JOIN ledger_journal j ON j.id = line.journal_id
    ORDER BY j.effective_on, line.id, line.side
"""


class StatementLine(NamedTuple):
    """`cents` raises what the lease owes when positive; `balance_cents` is the sum so far."""

    effective_on: date
    kind: str
    subject: str
    subject_id: str
    number: str
    party: str
    cents: int
    balance_cents: int


def balance(key: Key) -> int:
    """0 for an account nothing was posted to."""
    account = {f"account__{name}": value for name, value in key._asdict().items()}
    return Balance.objects.filter(**account).values_list("cents", flat=True).first() or 0


def balances(fund_id: int, number: str) -> dict[Key, int]:
    """Every account of the number that is not zero."""
    rows = Balance.objects.filter(account__fund=fund_id, account__number=number).exclude(cents=0)
    return {row.account.key: row.cents for row in rows.select_related("account").order_by("pk")}


def trial_balance(fund_id: int) -> dict[str, int]:
    """Number of the chart to cents; they sum to zero."""
    rows = Balance.objects.filter(account__fund=fund_id).values_list("account__number")
    return dict(rows.annotate(total=Sum("cents")).order_by("account__number"))


def statement_of(lease_id: int) -> list[StatementLine]:
    """The lease's account, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"lease": lease_id, "numbers": STATEMENT_NUMBERS})
        return [StatementLine(*row) for row in cursor.fetchall()]
