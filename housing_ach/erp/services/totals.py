"""The day's control totals: ours beside the ERP's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from django.db.models import Sum
from sqlalchemy.exc import SQLAlchemyError

from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.erp.contract import JOURNAL, LINE, cents
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.services.targets import engine_of
from housing_ach.erp.states import PostingStatus
from housing_ach.shared.business_days import new_york_date

DAYS = 7
Sums = tuple[int, int, int]
NOTHING: Sums = (0, 0, 0)


@dataclass(frozen=True)
class DayTotal:
    """Lines, debits and credits (cents) of a fund's day."""

    fund: str
    ours: Sums
    theirs: Sums

    @property
    def agrees(self) -> bool:
        return self.ours == self.theirs


def day_totals(target: Target, day: date) -> list[DayTotal]:
    """Of what is POSTED. Raises SQLAlchemyError where the ERP cannot be asked."""
    ours, theirs = _ours(target, day), _theirs(target, day)
    return [
        DayTotal(fund, ours.get(fund, NOTHING), theirs.get(fund, NOTHING))
        for fund in sorted({*ours, *theirs})
    ]


def check_totals(*, at: datetime) -> None:
    """The last week's days of each target; where one differs there is a Case."""
    today = new_york_date(at)
    for target in Target.objects.filter(is_active=True):
        try:
            for back in range(1, DAYS + 1):
                _check(target, today - timedelta(days=back), at)
        except SQLAlchemyError:
            # Posting meets the same trouble and tells it.
            continue


def _check(target: Target, day: date, at: datetime) -> None:
    wrong = [total for total in day_totals(target, day) if not total.agrees]
    if wrong and not _under_way(target, day):
        open_case(
            CaseKind.ERP_POSTING,
            Target._meta.label_lower,
            f"{target.pk}:{day}",
            f"{target}: the ERP's totals of {day} are not ours",
            at=at,
            suggested_fix="Compare the day with the ERP's people; nothing is changed by itself.",
            facts={total.fund: {"ours": total.ours, "theirs": total.theirs} for total in wrong},
        )


def _under_way(target: Target, day: date) -> bool:
    """Something is there and not yet marked: the next look tells."""
    waiting = Posting.objects.filter(target=target, day=day, status=PostingStatus.PENDING)
    return waiting.exists()


def _ours(target: Target, day: date) -> Mapping[str, Sums]:
    rows = (
        Posting.objects.filter(target=target, day=day, status=PostingStatus.POSTED)
        .values_list("fund__code")
        .annotate(Sum("line_count"), Sum("debit_cents"), Sum("credit_cents"))
    )
    return {fund: (count, debit, credit) for fund, count, debit, credit in rows}


def _theirs(target: Target, day: date) -> Mapping[str, Sums]:
    count, debit, credit = (
        sa.func.count(), sa.func.sum(LINE.c.debit), sa.func.sum(LINE.c.credit)
    )  # fmt: skip
    asked = (
        sa.select(JOURNAL.c.fund, count, debit, credit)
        .join_from(JOURNAL, LINE, JOURNAL.c.source_ref == LINE.c.source_ref)
        .where(JOURNAL.c.posting_date == day)
        .group_by(JOURNAL.c.fund)
    )
    with engine_of(target).connect() as connection:
        rows = connection.execute(asked).all()
    return {fund: (lines, cents(one), cents(other)) for fund, lines, one, other in rows}
