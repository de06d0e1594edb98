"""Allocations as the books see them: a place is an account, and cents move between places."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection

from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.states import FundKind
from housing_ach.payments.selectors import LIVE
from housing_ach.payments.services.made import PAYMENT
from housing_ach.payments.states import IN_FLIGHT
from housing_ach.tenants.states import ChargeKind

PLACES = """
SELECT a.id, a.payment_id, a.cents, p.fund_id, f.kind AS fund_kind, p.lease_id, p.tenant_id,
    c.kind AS charge_kind, s.tenant_id AS owed_by_id
FROM {source} a
JOIN payments_payment p ON p.id = a.payment_id
JOIN ledger_fund f ON f.id = p.fund_id
LEFT JOIN tenants_chargeshare s ON s.id = a.share_id
LEFT JOIN tenants_charge c ON c.id = s.charge_id
"""
PLACED = PLACES.format(source="made") + " ORDER BY a.payment_id, a.id"
LIVE_PLACES = PLACES.format(source="payments_allocation") + (
    f" WHERE a.payment_id = %(payment)s AND {LIVE} ORDER BY a.id DESC"
)


class Place(NamedTuple):
    """One allocation, with what the books need to know of it."""

    allocation_id: int
    payment_id: int
    cents: int
    fund_id: int
    fund_kind: str
    lease_id: int
    tenant_id: int
    charge_kind: str | None
    owed_by_id: int | None

    @property
    def reference(self) -> str:
        return f"payment:{self.payment_id}:allocation:{self.allocation_id}"

    @property
    def is_deposit(self) -> bool:
        return self.charge_kind == ChargeKind.DEPOSIT

    @property
    def key(self) -> Key:
        """The account its cents are credited to."""
        if self.charge_kind is None:
            return self.payers(ahead_number(self.fund_kind))
        owed = chart.DEPOSIT_RECEIVABLE if self.is_deposit else chart.TENANT_RECEIVABLE
        return self.owers(owed)

    def payers(self, number: str) -> Key:
        return Key(self.fund_id, number, f"tenant:{self.tenant_id}", self.lease_id)

    def owers(self, number: str) -> Key:
        return Key(self.fund_id, number, f"tenant:{self.owed_by_id}", self.lease_id)

    def lines(self, debit: Key) -> list[Line]:
        """From `debit` to where the allocation is; a deposit is held from now on."""
        lines = [Line(debit, self.key, self.cents, self.reference)] if debit != self.key else []
        if self.is_deposit:
            billed, held = self.owers(chart.DEPOSITS_BILLED), self.owers(chart.DEPOSITS_HELD)
            lines.append(Line(billed, held, self.cents, f"{self.reference}:held"))
        return lines


def ahead_number(fund_kind: str) -> str:
    """Where money without a charge is kept."""
    if fund_kind == FundKind.DEPOSIT_TRUST:
        return chart.UNAPPLIED_DEPOSIT
    return chart.PREPAID_RENT


def ask_places(sql: str, **given: Any) -> list[Place]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given | {"in_flight": list(IN_FLIGHT)})
        return [Place(*row) for row in cursor.fetchall()]


def placing_drafts(
    kind: str, places: Iterable[Place], *, from_number: Callable[[str], str], on: date
) -> list[Draft]:
    """One journal a payment; `places` come in the order of payments. `from_number` is told the fund's kind."""
    drafts = []
    for payment_id, of_payment in groupby(places, attrgetter("payment_id")):
        mine = list(of_payment)
        source = mine[0].payers(from_number(mine[0].fund_kind))
        lines = [line for place in mine for line in place.lines(source)]
        drafts.append(draft_of(kind, payment_id, lines, on=on))
    return [draft for draft in drafts if draft.lines]


def draft_of(kind: str, payment_id: int, lines: list[Line], *, on: date) -> Draft:
    return Draft(
        kind=kind,
        fund_id=lines[0].debit.fund_id if lines else 0,
        effective_on=on,
        subject=PAYMENT,
        subject_id=payment_id,
        lines=lines,
        is_fact=True,
    )
