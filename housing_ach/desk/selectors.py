"""What the overview and the status page show, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from housing_ach.bank.models import Window
from housing_ach.bank.selectors import cut_off
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.states import PUBLISHED_ENTRY, BatchStatus
from housing_ach.cases.models import Case
from housing_ach.ledger import chart
from housing_ach.ledger.models import Balance
from housing_ach.payments.models import Payment
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.business_days import (
    is_banking_day,
    new_york_date,
    next_banking_day,
    roll_forward,
)
from housing_ach.users.models import User

# Nacha measures return rates over the preceding 60 days (Rules, section 2.17).
RATE_DAYS = 60


@dataclass(frozen=True)
class ClockFacts:
    at: datetime
    today: date
    is_banking_day: bool
    cut_offs: list[tuple[str, datetime]]


@dataclass(frozen=True)
class Figures:
    in_transit_cents: int
    bank_cents: int
    scheduled_cents: int
    scheduled_count: int
    settled_cents: int
    returned_share: float


def clock_facts(*, at: datetime) -> ClockFacts:
    today = new_york_date(at)
    day = roll_forward(today)
    cut_offs = [
        (f"{window.profile.name} {window.code}", cut_off(window, day))
        for window in Window.objects.select_related("profile").order_by("profile__name", "code")
    ]
    return ClockFacts(at, today, is_banking_day(today), cut_offs)


def figures(*, at: datetime) -> Figures:
    today = new_york_date(at)
    balances = dict(
        Balance.objects.filter(account__number__in=[chart.BANK, chart.IN_TRANSIT])
        .values_list("account__number")
        .annotate(total=Sum("cents"))
    )
    debits = Payment.objects.filter(direction=Direction.DEBIT)
    live = debits.exclude(purpose=Purpose.PRENOTE)
    planned = live.filter(status__in=[PaymentStatus.SCHEDULED, PaymentStatus.BATCHED])
    sums = planned.aggregate(cents=Sum("cents", default=0), count=Count("pk"))
    settled = Entry.objects.filter(
        batch__direction=Direction.DEBIT,
        settled_on__range=(today.replace(day=1), today),
        returned_on__isnull=True,
    ).aggregate(cents=Sum("cents", default=0))
    return Figures(
        in_transit_cents=balances.get(chart.IN_TRANSIT, 0),
        bank_cents=balances.get(chart.BANK, 0),
        scheduled_cents=sums["cents"],
        scheduled_count=sums["count"],
        settled_cents=settled["cents"],
        returned_share=_returned_share(today),
    )


def _returned_share(today: date) -> float:
    """Returns read over debits sent in the window, as Nacha counts them; prenotes left out."""
    start = today - timedelta(days=RATE_DAYS)
    debits = Q(batch__direction=Direction.DEBIT, cents__gt=0, status__in=PUBLISHED_ENTRY)
    sent = Entry.objects.filter(debits, batch__effective_on__gt=start).count()
    returned = Entry.objects.filter(debits, returned_on__gt=start, returned_on__lte=today).count()
    return returned / sent if sent else 0.0


def batches_at_work() -> QuerySet[Batch]:
    return (
        Batch.objects.exclude(
            status__in=[
                BatchStatus.CANCELLED,
                BatchStatus.VOID,
                BatchStatus.SETTLED,
                BatchStatus.REJECTED,
            ]
        )
        .select_related("company", "file")
        .order_by("effective_on", "pk")[:20]
    )


def latest_files() -> QuerySet[BankFile]:
    return BankFile.objects.defer("masked").order_by("-made_at", "-pk")[:10]


def open_cases_by_kind() -> Sequence[Mapping[str, object]]:
    return list(
        Case.objects.open()
        .values("kind")
        .annotate(count=Count("pk"), cents=Sum("cents"), oldest_at=Min("opened_at"))
        .order_by("-count", "kind")
    )


def returns_by_code(*, at: datetime) -> Sequence[Mapping[str, object]]:
    start = new_york_date(at) - timedelta(days=RATE_DAYS)
    return list(
        Return.objects.filter(kind=ReturnKind.RETURN, banking_on__gt=start)
        .values("code")
        .annotate(count=Count("pk"), cents=Sum("cents"), latest_on=Max("banking_on"))
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
