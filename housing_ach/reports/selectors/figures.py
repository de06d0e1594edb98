"""Money and returns by day, in a few set-based questions; pages and papers show the same."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Count, QuerySet, Sum

from housing_ach.batches.models import Batch
from housing_ach.batches.states import BatchStatus
from housing_ach.nacha.codes import RETURN_CODES, ReturnClass
from housing_ach.payments.models import Payment
from housing_ach.payments.states import IN_FLIGHT, Direction
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.business_days import is_banking_day
from housing_ach.shared.charts import Day, Rate, Reason

# Nacha Operating Rules 2.17.2: returned over originated debit entries of the last 60 days.
RATE_DAYS = 60
LEVELS = {"Unauthorized": 0.005, "Administrative": 0.03, "Overall": 0.15}
ORIGINATED = (BatchStatus.SENT, BatchStatus.ACCEPTED, BatchStatus.SETTLED)
ON_ITS_WAY = (BatchStatus.SENT, BatchStatus.ACCEPTED)
CLASSES = {
    name: sorted(code for code, known in RETURN_CODES.items() if known.rate == rate)
    for name, rate in {
        "Unauthorized": ReturnClass.UNAUTHORISED,
        "Administrative": ReturnClass.ADMINISTRATIVE,
    }.items()
}


def settled_by_day(first: date, last: date) -> list[Day]:
    """Debits by banking day, both days included: settled, on their way for the day, come back."""
    debits = Batch.objects.filter(direction=Direction.DEBIT)
    settled = debits.filter(status=BatchStatus.SETTLED, settled_on__range=(first, last))
    sent = debits.filter(status__in=ON_ITS_WAY, effective_on__range=(first, last))
    cents: dict[str, dict[date, int]] = {
        "settled": dict(settled.values_list("settled_on").annotate(sum=Sum("cents"))),
        "sent": dict(sent.values_list("effective_on").annotate(sum=Sum("cents"))),
        "planned": _planned(first, last),
        "returned": dict(_returned(first, last).values_list("banking_on").annotate(Sum("cents"))),
    }
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    told = {day for of_day in cents.values() for day in of_day}
    return [
        Day(
            on=day,
            settled_cents=cents["settled"].get(day, 0),
            pending_cents=cents["sent"].get(day, 0) + cents["planned"].get(day, 0),
            returned_cents=cents["returned"].get(day, 0),
        )
        for day in days
        if is_banking_day(day) or day in told
    ]


def _planned(first: date, last: date) -> dict[date, int]:
    """Payments no file holds yet, by the day they are planned for."""
    not_sent = [status for status in IN_FLIGHT if status not in {"SENT", "ACCEPTED"}]
    planned = Payment.objects.filter(
        status__in=not_sent, effective_on__range=(first, last), direction=Direction.DEBIT
    )
    return dict(planned.values_list("effective_on").annotate(sum=Sum("cents")))


def _returned(first: date, last: date) -> QuerySet[Return]:
    return Return.objects.filter(
        kind=ReturnKind.RETURN, direction=Direction.DEBIT, banking_on__range=(first, last)
    )


def returned_codes(
    on: date, days: int = RATE_DAYS, *, company_id: int | None = None
) -> dict[str, int]:
    """How often each code came back in so many days up to `on`; prenotes are no debits."""
    returned = _returned(on - timedelta(days=days - 1), on).filter(cents__gt=0)
    if company_id is not None:
        returned = returned.filter(entry__batch__company=company_id)
    return dict(returned.values_list("code").annotate(count=Count("*")))


def reasons(returned: Mapping[str, int]) -> list[Reason]:
    """Of what came back, the most frequent code first."""
    most = sorted(returned.items(), key=lambda item: (-item[1], item[0]))
    return [Reason(code, words_of(code), times) for code, times in most]


def words_of(code: str) -> str:
    known = RETURN_CODES.get(code)
    return (
        known.meaning[0].upper() + known.meaning[1:] if known else "A reason nobody has published"
    )


def return_rates(
    on: date,
    days: int = RATE_DAYS,
    *,
    company_id: int | None = None,
    returned: Mapping[str, int] | None = None,
) -> list[Rate]:
    """Unauthorized, administrative and overall, by count of debit entries; prenotes are no debits.

    The days end with `on`. A file the bank refused was never originated. `returned` are the codes of
    the same days and company, where they are known.
    """
    sent = Batch.objects.filter(
        direction=Direction.DEBIT,
        status__in=ORIGINATED,
        cents__gt=0,
        effective_on__range=(on - timedelta(days=days - 1), on),
    )
    if company_id is not None:
        sent = sent.filter(company=company_id)
    if returned is None:
        returned = returned_codes(on, days, company_id=company_id)
    count = sent.aggregate(sum=Sum("entry_count", default=0))["sum"]
    sums = {name: sum(returned.get(code, 0) for code in codes) for name, codes in CLASSES.items()}
    sums["Overall"] = sum(returned.values())
    return [
        Rate(name, ", ".join(CLASSES.get(name, [])), sums[name], count, level)
        for name, level in LEVELS.items()
    ]
