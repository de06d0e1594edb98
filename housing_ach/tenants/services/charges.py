"""What leases owe: raised ahead by schedule, or added one by one, and posted as it is written."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypedDict, Unpack

from django.db import IntegrityError, connection, transaction

from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.services import post
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Charge, Lease, LeaseShare, Tenant
from housing_ach.tenants.states import ChargeKind

# What is owed, and what it is for; anything that is neither rent, deposit nor NSF fee is a fee.
DEPOSIT_ACCOUNTS = (chart.DEPOSIT_RECEIVABLE, chart.DEPOSITS_BILLED)
INCOME = {ChargeKind.RENT: chart.RENT_INCOME, ChargeKind.NSF_FEE: chart.NSF_FEE_INCOME}

# Every period of every schedule that falls due by `on` plus the property's days and is not raised
# yet. A tenancy that begins or ends within the month owes the days it covers over the days the month
# has, half cents to the even cent; the charge falls due on a day that is covered. Where none is, the
# cents are not positive, and nothing is due.
DUE = """
WITH span AS (
    SELECT s.id AS schedule_id, s.lease_id, s.kind, s.cents, s.day_of_month,
        CASE s.kind WHEN 'DEPOSIT' THEN p.deposit_fund_id ELSE p.operating_fund_id END AS fund_id,
        greatest(s.starts_on, l.starts_on) AS first_on,
        least(s.ends_on, l.ends_on) AS last_on,
        %(on)s::date + p.raise_days AS horizon_on
    FROM tenants_chargeschedule s
    JOIN tenants_lease l ON l.id = s.lease_id
    JOIN tenants_unit u ON u.id = l.unit_id
    JOIN tenants_property p ON p.id = u.property_id
), period AS (
    SELECT span.*, month::date AS period_on,
        (month + interval '1 month - 1 day')::date AS month_ends_on
    FROM span, generate_series(
        date_trunc('month', first_on::timestamp),
        least(horizon_on, last_on)::timestamp,
        '1 month'
    ) AS month
), covered AS (
    SELECT period.*,
        greatest(period_on, first_on) AS from_on,
        least(month_ends_on, last_on) AS until_on,
        extract(day FROM month_ends_on)::bigint AS month_days
    FROM period
), owed AS (
    SELECT covered.*,
        cents * (until_on - from_on + 1) / month_days AS floor_cents,
        cents * (until_on - from_on + 1) %% month_days * 2 AS twice_rest,
        greatest(from_on, least(until_on, period_on + day_of_month - 1)) AS due_on
    FROM covered
), due AS (
    SELECT schedule_id, lease_id, fund_id, kind, period_on, due_on,
        floor_cents + (
            twice_rest > month_days OR twice_rest = month_days AND floor_cents %% 2 = 1
        )::int AS cents
    FROM owed
    WHERE due_on <= horizon_on AND NOT EXISTS (
        SELECT FROM tenants_charge c
        WHERE c.schedule_id = owed.schedule_id AND c.period_on = owed.period_on
    )
)
"""
HAS_PAYER = """EXISTS (
    SELECT FROM tenants_leaseshare s WHERE s.lease_id = due.lease_id
    AND due.due_on BETWEEN s.starts_on AND coalesce(s.ends_on, 'infinity')
)"""
RAISE = f"""
{DUE}
INSERT INTO tenants_charge
    (schedule_id, lease_id, fund_id, kind, period_on, due_on, cents, memo, external_id, raised_at)
SELECT schedule_id, lease_id, fund_id, kind, period_on, due_on, cents, '', '', %(at)s FROM due
WHERE cents > 0 AND {HAS_PAYER}
ORDER BY schedule_id, period_on
ON CONFLICT (schedule_id, period_on) DO NOTHING
RETURNING id
"""  # noqa: S608 - no values, only the texts above
WITHOUT_PAYER = f"""
{DUE}
SELECT lease_id, sum(cents)::bigint, min(due_on) FROM due
WHERE cents > 0 AND NOT {HAS_PAYER} GROUP BY lease_id ORDER BY lease_id
"""  # noqa: S608 - as above
# Each payer of the due date owes weight over sum, rounded down; the odd cents go to the primary one.
SHARE = """
WITH part AS (
    SELECT c.id AS charge_id, s.tenant_id, c.cents AS whole,
        c.cents * s.weight / sum(s.weight) OVER (PARTITION BY c.id) AS cents,
        row_number() OVER (PARTITION BY c.id ORDER BY s.is_primary DESC, s.id) AS place
    FROM tenants_charge c
    JOIN tenants_leaseshare s ON s.lease_id = c.lease_id
        AND c.due_on BETWEEN s.starts_on AND coalesce(s.ends_on, 'infinity')
    WHERE c.id = ANY(%(charges)s) AND (%(payer)s::bigint IS NULL OR s.tenant_id = %(payer)s)
), whole AS (
    SELECT charge_id, tenant_id, place, (cents + CASE place
        WHEN 1 THEN whole - sum(cents) OVER (PARTITION BY charge_id) ELSE 0
    END)::bigint AS cents
    FROM part
), made AS (
    INSERT INTO tenants_chargeshare (charge_id, tenant_id, cents)
    SELECT charge_id, tenant_id, cents FROM whole WHERE cents > 0 ORDER BY charge_id, place
    RETURNING id, charge_id, tenant_id, cents
)
SELECT made.id, made.charge_id, made.tenant_id, made.cents, c.kind, c.fund_id, c.lease_id,
    u.property_id, greatest(c.due_on, f.closed_through + 1)
FROM made
JOIN tenants_charge c ON c.id = made.charge_id
JOIN tenants_lease l ON l.id = c.lease_id
JOIN tenants_unit u ON u.id = l.unit_id
JOIN ledger_fund f ON f.id = c.fund_id
ORDER BY made.charge_id, made.id
"""


class NoPayer(Refusal):
    """No tenant has a share of the lease on the due date."""


class BadCharge(Refusal):
    """A charge is a positive amount."""


class ExternalIdTaken(Refusal):
    """Another charge has the external id, and says something else."""


class Details(TypedDict, total=False):
    """`payer`: he alone owes it; else everybody who has a share of the lease."""

    memo: str
    external_id: str
    payer: Tenant


class Owed(NamedTuple):
    """One share, with what its posting needs."""

    share_id: int
    charge_id: int
    tenant_id: int
    cents: int
    kind: str
    fund_id: int
    lease_id: int
    property_id: int
    effective_on: date

    def line(self) -> Line:
        owed, income = accounts_of(self.kind)
        tenant, lease = f"tenant:{self.tenant_id}", self.lease_id
        income_of = (
            Key(self.fund_id, income, tenant, lease)
            if self.kind == ChargeKind.DEPOSIT
            else Key(self.fund_id, income, f"property:{self.property_id}")
        )
        return Line(
            debit=Key(self.fund_id, owed, tenant, lease),
            credit=income_of,
            cents=self.cents,
            reference=f"charge:{self.charge_id}:share:{self.share_id}",
        )


@transaction.atomic
def raise_charges(*, on: date, at: datetime) -> int:
    """Raise and post what falls due within each property's days; returns how many charges.

    Once per schedule and period, whoever runs it how often and beside whom. A lease nobody has a
    share of gets a Case and stops nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute(RAISE, {"on": on, "at": at})
        charges = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(WITHOUT_PAYER, {"on": on})
        unpaid = cursor.fetchall()
    _share_and_post(charges, at=at)
    open_cases([_no_payer(*row) for row in unpaid], at=at)
    return len(charges)


def add_charge(
    *,
    lease: Lease,
    kind: ChargeKind,
    cents: int,
    due_on: date,
    at: datetime,
    **details: Unpack[Details],
) -> Charge:
    """Charge a lease once. The same external id with the same content gives the same charge.

    Raises BadCharge, NoPayer, or ExternalIdTaken where the content differs.
    """
    if cents <= 0:
        raise BadCharge(f"cents: {dollars(cents)} is no amount to charge", field="cents")
    payer = details.pop("payer", None)
    payers = LeaseShare.objects.in_force(due_on).filter(lease=lease)
    if not (payers.filter(tenant=payer) if payer else payers).exists():
        raise NoPayer(f"due_on: nobody has a share of {lease} on {due_on}", field="due_on")
    charge = Charge(
        lease=lease,
        fund_id=lease.unit.property.fund_id_for(kind),
        kind=kind,
        period_on=due_on.replace(day=1),
        due_on=due_on,
        cents=cents,
        raised_at=at,
        **details,
    )
    try:
        with transaction.atomic():
            charge.save(force_insert=True)
            _share_and_post([charge.pk], at=at, payer=payer)
    except IntegrityError:
        added = (
            Charge.objects.exclude(external_id="").filter(external_id=charge.external_id).first()
        )
        if added is None:
            raise
        return _same(added, charge)
    return charge


def accounts_of(kind: str) -> tuple[str, str]:
    """The numbers of what is owed and of what it is for."""
    if kind == ChargeKind.DEPOSIT:
        return DEPOSIT_ACCOUNTS
    return chart.TENANT_RECEIVABLE, INCOME.get(ChargeKind(kind), chart.FEE_INCOME)


def _share_and_post(charges: Sequence[int], *, at: datetime, payer: Tenant | None = None) -> None:
    if not charges:
        return
    with connection.cursor() as cursor:
        given = {"charges": list(charges), "payer": payer.pk if payer else None}
        cursor.execute(SHARE, given)
        shares = [Owed(*row) for row in cursor.fetchall()]
    post([_draft(list(of)) for _, of in groupby(shares, attrgetter("charge_id"))], at=at)


def _draft(shares: Sequence[Owed]) -> Draft:
    return Draft(
        kind="CHARGE",
        fund_id=shares[0].fund_id,
        effective_on=shares[0].effective_on,
        subject="tenants.charge",
        subject_id=shares[0].charge_id,
        lines=[share.line() for share in shares],
    )


def _no_payer(lease_id: int, cents: int, due_on: date) -> NewCase:
    return NewCase(
        kind=CaseKind.NO_PAYER,
        subject="tenants.lease",
        subject_id=lease_id,
        summary=f"{dollars(cents)} due from {due_on} cannot be charged: nobody has a share that day",
        suggested_fix="Give a tenant of the lease a share from that day, or end the charge schedule.",
        cents=cents,
    )


def _same(added: Charge, wanted: Charge) -> Charge:
    for name in ("lease_id", "kind", "cents", "due_on"):
        if getattr(added, name) != getattr(wanted, name):
            raise ExternalIdTaken(
                f"external_id: {wanted.external_id} is another charge already",
                field="external_id",
                ids=[added.pk],
            )
    return added
