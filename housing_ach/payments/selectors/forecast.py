"""The payment a payer is to expect next: made already, or what the plan would take."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from housing_ach.mandates.models import Autopay
from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors.plans import DUE_OF, OWED, PLAN, days_between, reach
from housing_ach.payments.selectors.shares import credit_left
from housing_ach.payments.states import IN_FLIGHT, Direction, PaymentStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.money import split
from housing_ach.tenants.models import Lease, LeaseShare, Tenant
from housing_ach.tenants.services.charges import DUE as UNRAISED

GOING = tuple(status for status in IN_FLIGHT if status != PaymentStatus.HELD)
OF_PLAN = """ AND a.id = %(autopay)s AND EXISTS (
        SELECT FROM tenants_leaserollout r WHERE r.lease_id = a.lease_id AND r.rollout = 'LIVE'
    )"""
# The steps of the run, for one plan.
FORECAST = f"""
WITH autopay_due AS MATERIALIZED ({DUE_OF.format(which=OF_PLAN)}),
autopay_owed AS MATERIALIZED ({OWED}),
autopay_plan AS MATERIALIZED ({PLAN})
SELECT cents, requested_on, effective_on, cents > max_cents OR cents < min_cents FROM autopay_plan
"""  # noqa: S608 - no values, only the texts above
COMING = f"""
{UNRAISED} SELECT due_on, cents FROM due WHERE lease_id = %(lease)s AND cents > 0
"""  # noqa: S608 - as above


class NextPayment(NamedTuple):
    """`cents` of a forecast count what will be charged until then; `payments` is empty for one.

    `out_of_range`: more or less than was authorised, so that it needs a notice.
    """

    cents: int
    requested_on: date
    debit_on: date
    ending: str
    is_forecast: bool
    out_of_range: bool
    payments: tuple[int, ...]


def next_payment(*, tenant: Tenant, lease: Lease, at: datetime) -> NextPayment | None:
    """Debits of one order that are on their way; else what the payer's plan takes next, which may be
    nothing; None without a plan in force.
    """
    return _made(tenant, lease) or _forecast(tenant, lease, at)


def _made(tenant: Tenant, lease: Lease) -> NextPayment | None:
    going = Payment.objects.filter(
        tenant=tenant, lease=lease, status__in=GOING, direction=Direction.DEBIT, cents__gt=0
    )
    rows = list(going.select_related("bank_account").order_by("effective_on", "order_id", "pk"))
    if not rows:
        return None
    first = rows[0]
    together = [row for row in rows if row.order_id == first.order_id]
    return NextPayment(
        cents=sum(row.cents for row in together),
        requested_on=first.requested_on,
        debit_on=first.effective_on,
        ending=first.bank_account.last_four if first.bank_account else "",
        is_forecast=False,
        out_of_range=False,
        payments=tuple(row.pk for row in together),
    )


def _forecast(tenant: Tenant, lease: Lease, at: datetime) -> NextPayment | None:
    plans = Autopay.objects.filter(tenant=tenant, lease=lease, ends_on=None)
    plan = plans.select_related("mandate__bank_account", "tenant", "lease__unit__property").first()
    if plan is None:
        return None
    # This month's may have been made, and stopped, or takes nothing: then the one after it is next.
    days = upcoming_debit_days(plan, new_york_date(at), 2)
    found = [row for day in days if (row := _worked_out(plan, day, at))]
    return next((row for row in found if row.cents), found[0] if found else None)


def _worked_out(plan: Autopay, day: date, at: datetime) -> NextPayment | None:
    given: dict[str, Any] = {
        "autopay": plan.pk,
        "leases": [plan.lease_id],
        "in_flight": list(IN_FLIGHT),
        "coming": coming_cents(plan, day),
    }
    with connection.cursor() as cursor:
        cursor.execute(FORECAST, given | days_between(day, day) | reach(at))
        row = cursor.fetchone()
    if row is None:
        return None
    cents, requested_on, debit_on, out_of_range = row
    return NextPayment(
        cents=cents,
        requested_on=requested_on,
        debit_on=debit_on,
        ending=plan.mandate.bank_account.last_four,
        is_forecast=True,
        out_of_range=bool(cents) and out_of_range,
        payments=(),
    )


def coming_cents(plan: Autopay, until: date) -> int:
    """The payer's part of what schedules will charge until the day, less what is paid ahead."""
    home = plan.lease.unit.property
    # Charges are raised that long ahead: asked for so many days earlier, it tells what is due by then.
    on = until - timedelta(days=home.raise_days)
    with connection.cursor() as cursor:
        cursor.execute(COMING, {"on": on, "lease": plan.lease_id})
        rows = cursor.fetchall()
    if not rows:
        return 0
    payers = list(LeaseShare.objects.filter(lease=plan.lease_id).order_by("-is_primary", "pk"))
    parts = [_part(payers, plan.tenant_id, *row) for row in rows]
    ahead = credit_left(lease=plan.lease, tenant=plan.tenant, fund_id=home.operating_fund_id)
    return max(0, sum(parts) - ahead)


def _part(payers: Sequence[LeaseShare], tenant_id: int, due_on: date, cents: int) -> int:
    then = [row for row in payers if row.starts_on <= due_on <= (row.ends_on or date.max)]
    parts = split(cents, [row.weight for row in then]) if then else []
    return sum(part for row, part in zip(then, parts, strict=True) if row.tenant_id == tenant_id)
