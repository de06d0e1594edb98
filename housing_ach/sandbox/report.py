"""What a simulated stretch of days came to: the table at its end."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from housing_ach.batches.models import Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.models import Case
from housing_ach.ledger import chart
from housing_ach.ledger.models import Balance
from housing_ach.nacha import RETURN_CODES
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus, Purpose
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.money import dollars
from housing_ach.tenants.models import Charge


@dataclass(frozen=True)
class Row:
    """One figure; `cents` is None where only things are counted."""

    what: str
    count: int
    cents: int | None

    def __str__(self) -> str:
        amount = "" if self.cents is None else dollars(self.cents)
        return f"{self.what:<44}{self.count:>8}{amount:>18}"


def rows() -> Iterator[Row]:
    payments = Payment.objects.exclude(purpose=Purpose.PRENOTE)
    good = payments.filter(status__in=[PaymentStatus.SETTLED, PaymentStatus.CLEARED])
    yield _row("charged", Charge.objects.all())
    yield _row("asked for", payments)
    yield _row("collected", good)
    yield _row("  of it cleared", payments.filter(status=PaymentStatus.CLEARED))
    yield from _returned()
    yield _row("retried", Entry.objects.filter(is_retry=True).exclude(status=EntryStatus.EJECTED))
    yield _row("recovered by a retry", good.filter(retries__gt=0))
    yield _row("held", payments.filter(status=PaymentStatus.HELD))
    yield _row("scheduled", payments.filter(status__in=["SCHEDULED", "BATCHED"]))
    opened = Case.objects.open().aggregate(count=Count("pk"), cents=Sum("cents", default=0))
    yield Row("open cases", opened["count"], opened["cents"])
    yield _balance("in transit", chart.IN_TRANSIT)
    yield _balance("returns to be charged", chart.RETURNS_TO_BE_CHARGED)
    yield _balance("at the bank", chart.BANK)


def _row(what: str, queryset: QuerySet[Charge] | QuerySet[Payment] | QuerySet[Entry]) -> Row:
    sums = queryset.aggregate(count=Count("pk"), cents=Sum("cents", default=0))
    return Row(what, sums["count"], sums["cents"])


def _returned() -> Iterator[Row]:
    by_code = (
        Return.objects.filter(kind=ReturnKind.RETURN, entry__isnull=False)
        .values_list("code")
        .annotate(count=Count("pk"), cents=Sum("cents"))
        .order_by("code")
    )
    for code, count, cents in by_code:
        known = RETURN_CODES.get(code)
        yield Row(f"returned {code} {known.meaning if known else ''}"[:43], count, cents)


def _balance(what: str, number: str) -> Row:
    sums = Balance.objects.filter(account__number=number).aggregate(
        count=Count("pk", filter=~Q(cents=0)), cents=Sum("cents", default=0)
    )
    return Row(what, sums["count"], sums["cents"])
