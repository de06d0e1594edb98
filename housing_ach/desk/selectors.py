"""What the overview and the status page show, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from housing_ach.bank.models import Window
from housing_ach.bank.selectors import cut_off
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.cases.models import Case
from housing_ach.ledger import chart
from housing_ach.ledger.models import Account, Balance
from housing_ach.payments.models import Payment
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from housing_ach.reports.selectors import return_rates
from housing_ach.reports.selectors.figures import RATE_DAYS
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.business_days import (
    DAY,
    is_banking_day,
    new_york_date,
    next_banking_day,
    roll_forward,
)
from housing_ach.shared.charts import Rate
from housing_ach.users.models import User

MONTH = timedelta(days=30)
AT_WORK = (
    BatchStatus.DRAFT,
    BatchStatus.APPROVED,
    BatchStatus.FROZEN,
    BatchStatus.SENT,
    BatchStatus.ACCEPTED,
)


@dataclass(frozen=True)
class ClockFacts:
    at: datetime
    today: date
    is_banking_day: bool
    cut_offs: list[tuple[str, datetime]]


class InFlight(NamedTuple):
    cents: int
    entries: int
    batches: int


@dataclass(frozen=True)
class Figures:
    """`before` is the month before up to the same day, and the rate of thirty days ago."""

    in_flight: InFlight
    bank_cents: int
    scheduled_cents: int
    scheduled_count: int
    settled_cents: int
    settled_before_cents: int
    returned_share: float
    returned_share_before: float

    @property
    def settled_change(self) -> float | None:
        """As a share of what had settled by then; None where nothing had."""
        if not self.settled_before_cents:
            return None
        return self.settled_cents / self.settled_before_cents - 1

    @property
    def returned_change(self) -> float:
        """In percentage points."""
        return round((self.returned_share - self.returned_share_before) * 100, 2)


def clock_facts(*, at: datetime) -> ClockFacts:
    today = new_york_date(at)
    day = roll_forward(today)
    cut_offs = [
        (f"{window.profile.name} {window.code}", cut_off(window, day))
        for window in Window.objects.select_related("profile").order_by("profile__name", "code")
    ]
    return ClockFacts(at, today, is_banking_day(today), cut_offs)


def figures(*, at: datetime, rates: Sequence[Rate] | None = None) -> Figures:
    """Bounded by the batches of two months and what is planned, however long the books are.

    `rates` are those of the day, where they are known.
    """
    today = new_york_date(at)
    first = today.replace(day=1)
    before = (first - DAY).replace(day=1)
    same_day = min(before + (today - first), first - DAY)
    settled = Batch.objects.filter(
        direction=Direction.DEBIT, status=BatchStatus.SETTLED, settled_on__range=(before, today)
    ).aggregate(
        now=Sum("cents", filter=Q(settled_on__gte=first), default=0),
        then=Sum("cents", filter=Q(settled_on__lte=same_day), default=0),
    )
    live = Payment.objects.filter(direction=Direction.DEBIT).exclude(purpose=Purpose.PRENOTE)
    planned = live.filter(status__in=[PaymentStatus.SCHEDULED, PaymentStatus.BATCHED])
    sums = planned.aggregate(cents=Sum("cents", default=0), count=Count("*"))
    accounts = Account.objects.filter(number=chart.BANK).values_list("pk", flat=True)
    bank = Balance.objects.filter(account__in=list(accounts))
    return Figures(
        in_flight=_in_flight(),
        bank_cents=bank.aggregate(sum=Sum("cents", default=0))["sum"],
        scheduled_cents=sums["cents"],
        scheduled_count=sums["count"],
        settled_cents=settled["now"],
        settled_before_cents=settled["then"],
        returned_share=(rates or return_rates(today))[-1].share,
        returned_share_before=return_rates(today - MONTH)[-1].share,
    )


def _in_flight() -> InFlight:
    """Debits the bank has and has neither settled nor sent back."""
    going = Batch.objects.filter(
        direction=Direction.DEBIT, status__in=[BatchStatus.SENT, BatchStatus.ACCEPTED]
    )
    entries = Entry.objects.filter(
        batch__in=going, status__in=[EntryStatus.SENT, EntryStatus.ACCEPTED]
    )
    sums = entries.aggregate(
        cents=Sum("cents", default=0), entries=Count("pk"), batches=Count("batch", distinct=True)
    )
    return InFlight(**sums)


def batches_at_work() -> QuerySet[Batch]:
    return (
        Batch.objects.filter(status__in=AT_WORK)
        .select_related("company", "file")
        .order_by("effective_on", "pk")[:20]
    )


def latest_files() -> QuerySet[BankFile]:
    return BankFile.objects.defer("masked").order_by("-made_at", "-pk")[:10]


def open_cases_by_kind() -> Sequence[Mapping[str, object]]:
    return list(
        Case.objects.open()
        .values("kind")
        .annotate(count=Count("*"), cents=Sum("cents"), oldest_at=Min("opened_at"))
        .order_by("-count", "kind")
    )


def returns_by_code(*, at: datetime) -> Sequence[Mapping[str, object]]:
    start = new_york_date(at) - timedelta(days=RATE_DAYS)
    return list(
        Return.objects.filter(kind=ReturnKind.RETURN, banking_on__gt=start)
        .values("code")
        .annotate(count=Count("*"), cents=Sum("cents"), latest_on=Max("banking_on"))
        .order_by("-count", "code")
    )


def next_cut_off(*, at: datetime) -> datetime | None:
    """When the next window of any bank closes; none where no bank has a window."""
    today = roll_forward(new_york_date(at))
    windows = list(Window.objects.select_related("profile"))
    days = (today, next_banking_day(today))
    closings = (cut_off(window, day) for day in days for window in windows)
    return min((closes_at for closes_at in closings if closes_at > at), default=None)


def to_approve(user: User) -> QuerySet[Batch]:
    """Drafts of the user's properties, the first to close first."""
    drafts = Batch.objects.visible_to(user).filter(status=BatchStatus.DRAFT)
    return drafts.select_related("company", "window", "made_by").order_by(
        "processing_on", "window__cut_off", "pk"
    )
