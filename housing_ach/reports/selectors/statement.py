"""What one tenant owed and paid of one lease, with the balance after each line."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from housing_ach.ledger.selectors import STATEMENT_NUMBERS
from housing_ach.payments.models import Payment
from housing_ach.payments.states import IN_FLIGHT, Direction
from housing_ach.tenants.models import Lease, Tenant

CHARGE, PAYMENT, RETURN, OTHER = "CHARGE", "PAYMENT", "RETURN", "OTHER"
# One line per event: money kept ahead and applied later moves between two of the tenant's own
# accounts and is no news to him. Lines of before `first` are one, the balance brought forward.
LINES = """
WITH side AS (
    SELECT t.journal_id, t.cents
    FROM ledger_account a JOIN ledger_transfer t ON t.debit_id = a.id
    WHERE a.lease = %(lease)s AND a.party = %(party)s AND a.number = ANY(%(numbers)s)
    UNION ALL
    SELECT t.journal_id, -t.cents
    FROM ledger_account a JOIN ledger_transfer t ON t.credit_id = a.id
    WHERE a.lease = %(lease)s AND a.party = %(party)s AND a.number = ANY(%(numbers)s)
), line AS (
    SELECT j.id, j.effective_on, j.subject, j.subject_id, sum(side.cents)::bigint AS cents
    FROM side JOIN ledger_journal j ON j.id = side.journal_id
    WHERE j.effective_on <= %(last)s
    GROUP BY j.id HAVING sum(side.cents) <> 0
), told AS (
    SELECT line.*, sum(cents) OVER (ORDER BY effective_on, id)::bigint AS balance_cents FROM line
)
SELECT told.effective_on, told.cents, told.balance_cents,
    c.kind, c.period_on, c.memo, p.id, p.order_id
FROM told
LEFT JOIN tenants_charge c
    ON c.id = CASE told.subject WHEN 'tenants.charge' THEN told.subject_id::bigint END
LEFT JOIN payments_payment p
    ON p.id = CASE told.subject WHEN 'payments.payment' THEN told.subject_id::bigint END
WHERE told.effective_on >= %(first)s OR told.id = (
    SELECT id FROM told WHERE effective_on < %(first)s ORDER BY effective_on DESC, id DESC LIMIT 1
)
ORDER BY told.effective_on, told.id
"""


class StatementLine(NamedTuple):
    """`cents` raises what is owed when positive."""

    on: date
    cents: int
    balance_cents: int
    charge_kind: str | None
    period_on: date | None
    memo: str | None
    payment_id: int | None
    order_id: int | None

    @property
    def what(self) -> str:
        if self.charge_kind is not None:
            return CHARGE
        if self.payment_id is not None:
            return PAYMENT if self.cents < 0 else RETURN
        return OTHER


class Underway(NamedTuple):
    """A payment the books do not count yet."""

    order_id: int
    cents: int
    status: str
    effective_on: date


class Month(NamedTuple):
    first_on: date
    paid_cents: int
    returned_cents: int


@dataclass(frozen=True)
class Statement:
    """Negative balances are the tenant's credit."""

    tenant: str
    lease: str
    unit: str
    property: str
    address: str
    first: date
    last: date
    opening_cents: int
    closing_cents: int
    charged_cents: int
    paid_cents: int
    returned_cents: int
    lines: list[StatementLine]
    underway: list[Underway]
    months: list[Month]


def statement(lease: Lease, tenant: Tenant, first: date, last: date) -> Statement:
    """Both days included. Only this tenant's own accounts: nothing of whom he shares the lease with."""
    rows = _rows(lease, tenant, first, last)
    before = [line for line in rows if line.on < first]
    lines = [line for line in rows if line.on >= first]
    opening = before[-1].balance_cents if before else 0
    sums: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.what] += line.cents
    home = lease.unit.property
    return Statement(
        tenant=tenant.name,
        lease=lease.external_id,
        unit=lease.unit.name,
        property=home.name,
        address=home.address,
        first=first,
        last=last,
        opening_cents=opening,
        closing_cents=lines[-1].balance_cents if lines else opening,
        charged_cents=sums[CHARGE],
        paid_cents=-sums[PAYMENT],
        returned_cents=sums[RETURN],
        lines=lines,
        underway=_underway(lease, tenant),
        months=_months(lines),
    )


def _rows(lease: Lease, tenant: Tenant, first: date, last: date) -> list[StatementLine]:
    given: dict[str, Any] = {
        "lease": lease.pk,
        "party": tenant.party,
        "numbers": STATEMENT_NUMBERS,
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(LINES, given)
        return [StatementLine(*row) for row in cursor.fetchall()]


def _underway(lease: Lease, tenant: Tenant) -> list[Underway]:
    rows = Payment.objects.filter(
        lease=lease, tenant=tenant, status__in=IN_FLIGHT, direction=Direction.DEBIT, cents__gt=0
    ).order_by("effective_on", "pk")
    return [Underway(*row) for row in rows.values_list(*Underway._fields)]


def _months(lines: list[StatementLine]) -> list[Month]:
    paid: defaultdict[date, dict[str, int]] = defaultdict(lambda: {PAYMENT: 0, RETURN: 0})
    for line in lines:
        if line.what in {PAYMENT, RETURN}:
            paid[line.on.replace(day=1)][line.what] += abs(line.cents)
    return [Month(on, sums[PAYMENT], sums[RETURN]) for on, sums in sorted(paid.items())]
