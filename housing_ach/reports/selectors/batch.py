"""One batch: who made and approved it, what went out, what the bank and the books say of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.ledger import chart
from housing_ach.ledger.models import Account, Balance, Transfer
from housing_ach.payments.states import Purpose

# More lines than this are for a spreadsheet; the report then keeps to totals and exceptions.
MOST_ENTRIES = 4000
IN_TRANSIT = (chart.IN_TRANSIT, chart.DISBURSEMENTS_IN_TRANSIT)


class EntryFact(NamedTuple):
    """`cents` is null where nobody is told: the two credits that verify an account."""

    trace: str
    payment_id: int | None
    tenant: str | None
    unit: str | None
    last_four: str
    status: str
    reason: str
    cents: int | None


class Booked(NamedTuple):
    """What the books say of the batch, by what happened."""

    sent_cents: int
    settled_cents: int
    returned_cents: int
    charged_cents: int
    in_transit_cents: int
    to_be_charged_cents: int


@dataclass(frozen=True)
class BatchReport:
    """`entries` is empty where there are more than a report lists; exceptions are always told."""

    batch_id: int
    number: int | None
    description: str
    sec_code: str
    direction: str
    status: str
    company: str
    fund: str
    window: str
    requested_on: date
    processing_on: date
    effective_on: date
    settled_on: date | None
    entry_count: int
    cents: int
    content_sha: str
    made_by: str
    made_at: datetime
    approved_by: str
    approved_at: datetime | None
    file_name: str
    file_sha256: str
    file_size: int
    file_status: str
    published_at: datetime | None
    acknowledged_at: datetime | None
    booked: Booked
    by_status: dict[str, int]
    taken_out: list[EntryFact]
    came_back: list[EntryFact]
    entries: list[EntryFact]
    too_many: bool


def batch_report(batch: Batch) -> BatchReport:
    entries = Entry.objects.filter(batch=batch)
    kept = entries.exclude(status=EntryStatus.EJECTED)
    counts = dict(entries.values_list("status").annotate(count=Count("pk")).order_by("status"))
    too_many = sum(counts.values()) > MOST_ENTRIES
    came_back = [EntryStatus.RETURNED, EntryStatus.DISHONORED, EntryStatus.CONTESTED]
    file = batch.file
    return BatchReport(
        batch_id=batch.pk,
        number=batch.number,
        description=batch.description,
        sec_code=batch.sec_code,
        direction=batch.direction,
        status=batch.status,
        company=str(batch.company),
        fund=batch.fund.name,
        window=batch.window.code,
        requested_on=batch.requested_on,
        processing_on=batch.processing_on,
        effective_on=batch.effective_on,
        settled_on=batch.settled_on,
        entry_count=batch.entry_count,
        cents=batch.cents,
        content_sha=batch.content_sha,
        made_by=batch.made_by.name,
        made_at=batch.made_at,
        approved_by=batch.approved_by.name if batch.approved_by else "",
        approved_at=batch.approved_at,
        file_name=file.name if file else "",
        file_sha256=file.sha256 if file else "",
        file_size=file.size if file else 0,
        file_status=file.status if file else "",
        published_at=file.published_at if file else None,
        acknowledged_at=file.acknowledged_at if file else None,
        booked=_booked(batch),
        by_status=counts,
        taken_out=_told(entries.filter(status=EntryStatus.EJECTED))[:MOST_ENTRIES],
        came_back=_told(entries.filter(status__in=came_back))[:MOST_ENTRIES],
        entries=[] if too_many else _told(kept),
        too_many=too_many,
    )


def _told(entries: QuerySet[Entry]) -> list[EntryFact]:
    secret = When(payment__purpose=Purpose.MICRO_DEPOSIT, then=Value(None))
    rows = entries.order_by("line", "pk").annotate(told=Case(secret, default=F("cents")))
    return [
        EntryFact(*row)
        for row in rows.values_list(
            "trace",
            "payment_id",
            "payment__tenant__name",
            "payment__lease__unit__name",
            "account_version__last_four",
            "status",
            "reason",
            "told",
        )
    ]


def _booked(batch: Batch) -> Booked:
    """Debits wait in 1100, credits in 2150; what came back waits in 1110."""
    accounts = Account.objects.filter(fund=batch.fund_id, party=f"batch:{batch.pk}", lease=0)
    numbers = [*IN_TRANSIT, chart.RETURNS_TO_BE_CHARGED]
    own = dict(accounts.filter(number__in=numbers).values_list("pk", "number"))
    transit = [pk for pk, number in own.items() if number in IN_TRANSIT]
    back = [pk for pk in own if pk not in transit]
    bank = chart.BANK
    sums = Transfer.objects.filter(Q(debit__in=own) | Q(credit__in=own)).aggregate(
        sent=_sum(Q(journal__kind="ACH_SENT")),
        settled=_sum(Q(credit__in=transit, debit__number=bank))
        + _sum(Q(debit__in=transit, credit__number=bank)),
        returned=_sum(Q(credit__in=back)),
        charged=_sum(Q(debit__in=back)),
    )
    left = dict(Balance.objects.filter(account__in=own).values_list("account__number", "cents"))
    back_cents = left.pop(chart.RETURNS_TO_BE_CHARGED, 0)
    return Booked(
        sent_cents=sums["sent"],
        settled_cents=sums["settled"],
        returned_cents=sums["returned"],
        charged_cents=sums["charged"],
        in_transit_cents=abs(sum(left.values())),
        to_be_charged_cents=abs(back_cents),
    )


def _sum(condition: Q) -> Coalesce:
    return Coalesce(Sum("cents", filter=condition), 0)
