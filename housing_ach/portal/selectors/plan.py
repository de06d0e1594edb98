"""A payer's autopay as its page tells it: the plan, its next debits, and what may be debited at all."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Sum

from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.selectors import (
    PlannedDebit,
    days_if_resumed,
    debit_plan,
    upcoming_debit_days,
)
from housing_ach.mandates.states import AccountStatus, MandateStatus, VerificationStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import debit_day_of, open_shares
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.selectors import VerificationState, can_start, verification_state
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import ChargeSchedule, ChargeShare, Lease, Tenant
from housing_ach.tenants.states import ChargeKind

YEAR = timedelta(days=365)
# A debit may be this long after the day that was asked for.
ROLLED = timedelta(days=10)
SHOWN = 12
ROUND_CENTS = 50_00
IN_FORCE = (MandateStatus.PENDING_VERIFICATION, MandateStatus.ACTIVE, MandateStatus.PAUSED)


class PlannedDay(NamedTuple):
    """`is_skipped`: paused for; `is_gone`: its payment was made and stopped, and is not made again."""

    debit: PlannedDebit
    is_skipped: bool
    is_gone: bool


class AccountStory(NamedTuple):
    """A bank account, what uses it, and how its verification stands."""

    account: BankAccount
    plans: tuple[Autopay, ...]
    verification: VerificationState
    can_start: bool

    @property
    def is_verified(self) -> bool:
        return self.account.verification == VerificationStatus.VERIFIED


def plan_of(tenant: Tenant, lease: Lease) -> Autopay | None:
    """The payer's open plan."""
    plans = Autopay.objects.filter(tenant=tenant, lease=lease, ends_on=None)
    return plans.select_related("mandate__bank_account", "lease__unit__property").first()


def planned_days(plan: Autopay, *, at: datetime, count: int = SHOWN) -> list[PlannedDay]:
    """The next debits, with those that are left out."""
    on = new_york_date(at)
    wanted = set(days_if_resumed(plan, on, count))
    taken = set(upcoming_debit_days(plan, on, count))
    gone = stopped_days(plan, on=on)
    rows = debit_plan(
        day_of_month=plan.day_of_month, roll=plan.mandate.roll, on=on - ROLLED, count=count + 2
    )
    return [
        PlannedDay(row, row.debit_on not in taken, row.debit_on in gone)
        for row in rows
        if row.debit_on in wanted
    ]


def stopped_days(plan: Autopay, *, on: date) -> set[date]:
    """Debit days to come whose payment was canceled: the plan makes no second one."""
    rows = Payment.objects.filter(
        order__autopay=plan, status=PaymentStatus.CANCELLED, requested_on__gte=on - ROLLED
    ).select_related("mandate")
    return {debit_day_of(row) for row in rows}


def permissions_of(tenant: Tenant, lease: Lease) -> list[Mandate]:
    """Everything that allows debits of this lease today, the newest first."""
    mandates = Mandate.objects.filter(
        tenant=tenant, lease=lease, recurring=True, status__in=IN_FORCE
    )
    return list(mandates.select_related("bank_account").order_by("-pk"))


def usable_accounts(tenant: Tenant) -> list[BankAccount]:
    return list(
        BankAccount.objects.filter(tenant=tenant, status=AccountStatus.OPEN).order_by("-pk")
    )


def accounts_of(tenant: Tenant, *, at: datetime) -> list[AccountStory]:
    """All that are not removed, the newest first."""
    rows = BankAccount.objects.filter(tenant=tenant).exclude(status=AccountStatus.CLOSED)
    return [account_story(account, at=at) for account in rows.order_by("-pk")]


def account_story(account: BankAccount, *, at: datetime) -> AccountStory:
    plans = Autopay.objects.filter(mandate__bank_account=account, ends_on=None)
    return AccountStory(
        account,
        tuple(plans.select_related("lease__unit__property").order_by("pk")),
        verification_state(account),
        can_start(account, at=at),
    )


def awaited_deposits(tenant: Tenant) -> MicroDeposits | None:
    """Those whose amounts the payer can tell now."""
    waiting = MicroDeposits.objects.filter(
        bank_account__tenant=tenant, bank_account__status=AccountStatus.OPEN
    )
    rows = waiting.filter(status="AWAITING_INPUT").select_related("bank_account")
    return rows.order_by("-pk").first()


def suggested_most_cents(tenant: Tenant, lease: Lease, *, on: date) -> int:
    """A quarter above the dearest month so far, or above what is open, in round dollars; 0: not known."""
    shares = ChargeShare.objects.filter(
        tenant=tenant, charge__lease=lease, charge__due_on__gt=on - YEAR
    )
    months = shares.values("charge__due_on__year", "charge__due_on__month")
    sums = [row["cents"] for row in months.annotate(cents=Sum("cents")).order_by()]
    regular = ChargeSchedule.objects.filter(lease=lease).aggregate(cents=Sum("cents"))["cents"]
    known = [*sums, sum(share.free_cents for share in open_shares(lease=lease, tenant=tenant))]
    most = max([*known, 0]) or regular or 0
    return -(-most * 5 // 4 // ROUND_CENTS) * ROUND_CENTS


def rent_days(lease: Lease) -> list[int]:
    """On which days of the month its rent falls due."""
    rent = ChargeSchedule.objects.filter(lease=lease, kind=ChargeKind.RENT)
    return sorted(set(rent.values_list("day_of_month", flat=True)))


def paused_until(days: Sequence[PlannedDay]) -> date | None:
    """The first debit that is taken again, where the very next one is left out."""
    if not days or not days[0].is_skipped:
        return None
    return next((day.debit.debit_on for day in days if not day.is_skipped), None)
