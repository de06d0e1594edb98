"""One banking day of each fund, as the books have it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Min, Q, Sum

from housing_ach.batches.models import IN, OUT, BankFile
from housing_ach.cases.models import Case
from housing_ach.ledger import chart
from housing_ach.reports.selectors.figures import (
    RATE_DAYS,
    reasons,
    return_rates,
    returned_codes,
    settled_by_day,
    words_of,
)
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.business_days import DAY, new_york_at
from housing_ach.shared.charts import Day, Rate, Reason

# What moved on the day, and what stood at its end: the balance of today less what came later, so
# that only the days since are read.
FUNDS = """
WITH moved AS (
    SELECT t.fund_id, j.effective_on, j.kind, d.number AS debit, c.number AS credit, t.cents
    FROM ledger_journal j
    JOIN ledger_transfer t ON t.journal_id = j.id
    JOIN ledger_account d ON d.id = t.debit_id
    JOIN ledger_account c ON c.id = t.credit_id
    WHERE j.effective_on >= %(on)s
), day AS (
    SELECT fund_id,
        sum(cents) FILTER (WHERE debit = %(transit)s AND kind = 'ACH_SENT') AS sent,
        sum(cents) FILTER (WHERE debit = %(bank)s AND credit = %(transit)s) AS settled,
        sum(cents) FILTER (WHERE credit = %(back)s) AS returned,
        sum(cents) FILTER (WHERE debit = %(back)s AND credit = %(bank)s) AS charged
    FROM moved WHERE effective_on = %(on)s GROUP BY fund_id
), later AS (
    SELECT fund_id,
        sum(CASE %(transit)s WHEN debit THEN cents WHEN credit THEN -cents ELSE 0 END) AS transit,
        sum(CASE %(back)s WHEN debit THEN cents WHEN credit THEN -cents ELSE 0 END) AS back,
        sum(CASE %(bank)s WHEN debit THEN cents WHEN credit THEN -cents ELSE 0 END) AS bank
    FROM moved WHERE effective_on > %(on)s GROUP BY fund_id
), now AS (
    SELECT a.fund_id,
        sum(b.cents) FILTER (WHERE a.number = %(transit)s) AS transit,
        sum(b.cents) FILTER (WHERE a.number = %(back)s) AS back,
        sum(b.cents) FILTER (WHERE a.number = %(bank)s) AS bank
    FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
    WHERE a.number IN (%(transit)s, %(back)s, %(bank)s) GROUP BY a.fund_id
)
SELECT f.name, f.code,
    coalesce(day.sent, 0)::bigint, coalesce(day.settled, 0)::bigint,
    coalesce(day.returned, 0)::bigint, coalesce(day.charged, 0)::bigint,
    (coalesce(now.transit, 0) - coalesce(later.transit, 0))::bigint,
    (coalesce(now.back, 0) - coalesce(later.back, 0))::bigint,
    (coalesce(now.bank, 0) - coalesce(later.bank, 0))::bigint
FROM ledger_fund f
LEFT JOIN day ON day.fund_id = f.id
LEFT JOIN later ON later.fund_id = f.id
LEFT JOIN now ON now.fund_id = f.id
ORDER BY f.code
"""
CHART_DAYS = 60
MOST_RETURNS = 1000


class FundDay(NamedTuple):
    """`returned` is what the bank sent back, `charged` what it took for it; the rest stood at the end."""

    name: str
    code: str
    sent_cents: int
    settled_cents: int
    returned_cents: int
    charged_cents: int
    in_flight_cents: int
    to_be_charged_cents: int
    bank_cents: int


class FileFact(NamedTuple):
    name: str
    direction: str
    kind: str
    status: str
    size: int
    sha256: str


class CasesFact(NamedTuple):
    kind: str
    cases: int
    cents: int
    oldest_at: datetime


class ReturnFact(NamedTuple):
    code: str
    words: str
    trace: str
    payment_id: int | None
    cents: int


@dataclass(frozen=True)
class DayEnd:
    on: date
    funds: list[FundDay]
    total: FundDay
    files: list[FileFact]
    returns: list[ReturnFact]
    returns_count: int
    cases: list[CasesFact]
    rates: list[Rate]
    reasons: list[Reason]
    days: list[Day]
    rate_days: int = RATE_DAYS


def day_end(on: date) -> DayEnd:
    """Cases are those open at the end of the day; files those of it, as they stand now."""
    funds = funds_on(on)
    returned = returned_codes(on)
    returns = Return.objects.filter(kind=ReturnKind.RETURN, banking_on=on)
    return DayEnd(
        on=on,
        funds=funds,
        total=_total(funds),
        files=_files(on),
        returns=[
            ReturnFact(code, words_of(code), trace, payment_id, cents)
            for code, trace, payment_id, cents in returns.order_by("code", "pk").values_list(
                "code", "original_trace", "entry__payment", "cents"
            )[:MOST_RETURNS]
        ],
        returns_count=returns.count(),
        cases=_cases(on),
        rates=return_rates(on, returned=returned),
        reasons=reasons(returned),
        days=settled_by_day(on - timedelta(days=CHART_DAYS - 1), on),
    )


def funds_on(on: date) -> list[FundDay]:
    numbers = {
        "transit": chart.IN_TRANSIT,
        "back": chart.RETURNS_TO_BE_CHARGED,
        "bank": chart.BANK,
    }
    with connection.cursor() as cursor:
        cursor.execute(FUNDS, {"on": on, **numbers})
        return [FundDay(*row) for row in cursor.fetchall()]


def _total(funds: list[FundDay]) -> FundDay:
    sums = [sum(column) for column in zip(*(fund[2:] for fund in funds), strict=True)]
    return FundDay("", "", *sums or [0] * 7)


def _day(on: date) -> tuple[datetime, datetime]:
    return new_york_at(on, time.min), new_york_at(on + DAY, time.min)


def _files(on: date) -> list[FileFact]:
    """Sent files by the bank's processing day, received ones by the day they came."""
    start, end = _day(on)
    of_day = Q(direction=OUT, processing_on=on) | Q(
        direction=IN, made_at__gte=start, made_at__lt=end
    )
    files = BankFile.objects.filter(of_day).order_by("-direction", "made_at", "pk")
    fields = FileFact._fields
    return [FileFact(*row) for row in files.values_list(*fields)]


def _cases(on: date) -> list[CasesFact]:
    _, end = _day(on)
    open_then = Q(opened_at__lt=end) & (Q(resolved_at=None) | Q(resolved_at__gte=end))
    rows = (
        Case.objects.filter(open_then)
        .values("kind")
        .annotate(count=Count("pk"), sum=Sum("cents"), oldest_at=Min("opened_at"))
        .order_by("-count", "kind")
    )
    return [CasesFact(row["kind"], row["count"], row["sum"], row["oldest_at"]) for row in rows]
