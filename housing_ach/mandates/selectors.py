from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from housing_ach.mandates.models import (
    Autopay,
    AutopayPause,
    BankAccount,
    BankAccountVersion,
    MandateText,
    Notice,
)
from housing_ach.mandates.states import Moved, Roll
from housing_ach.shared.business_days import (
    DAY,
    new_york_date,
    roll_backward,
    roll_forward,
    why_closed,
)
from housing_ach.vault.services import reveal_many

HORIZON_MONTHS = 240
NOTICE_DAYS = 10 * DAY


def requested_day(day_of_month: int, month: date) -> date:
    """The day the payer named; 29 to 31 mean the last day of a month that has fewer."""
    last = monthrange(month.year, month.month)[1]
    return month.replace(day=min(day_of_month, last))


def debit_day(day_of_month: int, month: date, roll: Roll | str) -> date:
    """The banking day on which the day's debit settles; it may lie in a neighbouring month."""
    wanted = requested_day(day_of_month, month)
    return roll_backward(wanted) if roll == Roll.BACKWARD else roll_forward(wanted)


def months_from(on: date) -> Iterator[date]:
    """The first of this month, of the next one, and so on."""
    for number in range(HORIZON_MONTHS):
        years, month = divmod(on.month - 1 + number, 12)
        yield date(on.year + years, month + 1, 1)


class PlannedDebit(NamedTuple):
    """`moved` says why the banking day of the debit is not the day that was asked for."""

    requested_on: date
    debit_on: date
    moved: Moved


def debit_plan(
    *, day_of_month: int, roll: Roll | str, on: date, count: int = 12
) -> list[PlannedDebit]:
    """The next debits from `on` on, as a plan with these terms would make them."""
    days = (
        (requested_day(day_of_month, month), debit_day(day_of_month, month, roll))
        for month in months_from(on.replace(day=1) - DAY)
    )
    rows = (
        PlannedDebit(asked, debit, Moved(why_closed(asked))) for asked, debit in days if asked >= on
    )
    return list(islice(rows, count))


def upcoming_debit_days(autopay: Autopay, on: date, count: int) -> list[date]:
    """The plan's next debits from `on` on, without those it pauses for."""
    return list(islice(_debit_days(autopay, on, list(autopay.pauses.order_by("id"))), count))


def days_if_resumed(autopay: Autopay, on: date, count: int) -> list[date]:
    """As `upcoming_debit_days`, if no pause held from `on` on."""
    return list(islice(_debit_days(autopay, on, []), count))


def _debit_days(autopay: Autopay, on: date, pauses: Sequence[AutopayPause]) -> Iterator[date]:
    # A debit asked for last month may roll into this one.
    for month in months_from(on.replace(day=1) - DAY):
        wanted = requested_day(autopay.day_of_month, month)
        if autopay.ends_on and wanted > autopay.ends_on:
            return
        day = debit_day(autopay.day_of_month, month, autopay.mandate.roll)
        if day >= on and wanted >= autopay.starts_on and not _paused(pauses, day):
            yield day


def _paused(pauses: Sequence[AutopayPause], day: date) -> bool:
    covering = [row for row in pauses if row.starts_on <= day <= row.ends_on]
    return bool(covering) and not covering[-1].resumes


def first_lawful_day(at: datetime) -> date:
    """The first day of a debit told in writing now: ten calendar days ahead (12 CFR 1005.10(d))."""
    return new_york_date(at) + NOTICE_DAYS


def notices_to_send(at: datetime) -> QuerySet[Notice]:
    """Not sent, and still in time: a late one names a day on which nothing will be debited.

    Of two for one day the newest holds.
    """
    newer = Notice.objects.filter(
        mandate=OuterRef("mandate"),
        kind=OuterRef("kind"),
        debit_on=OuterRef("debit_on"),
        pk__gt=OuterRef("pk"),
    )
    unsent = Notice.objects.filter(sent_at=None, debit_on__gte=first_lawful_day(at))
    wanted = unsent.filter(~Exists(newer)).order_by("pk")
    return wanted.select_related("mandate__tenant", "mandate__lease", "mandate__bank_account")


def current_text() -> MandateText:
    """The newest wording, which is the one a payer agrees to today."""
    return MandateText.objects.latest("version")


def seal_context(tenant_id: int, routing: str) -> str:
    """What a sealed number is bound to: it does not open for another tenant or another bank."""
    return f"account of tenant {tenant_id} at {routing}"


def open_number(account: BankAccount) -> str:
    """The account number in force; only where the vault opens."""
    token = account.token
    opened = reveal_many({token: seal_context(account.tenant_id, account.routing)})
    return opened[token].decode()


def open_numbers(version_ids: Sequence[int]) -> dict[int, str]:
    """Account number by version; only where the vault opens, which is the worker."""
    rows = BankAccountVersion.objects.filter(pk__in=version_ids).values_list(
        "pk", "token", "account__tenant_id", "routing"
    )
    tokens = {pk: (token, seal_context(tenant, routing)) for pk, token, tenant, routing in rows}
    opened = reveal_many(dict(tokens.values()))
    return {pk: opened[token].decode() for pk, (token, _) in tokens.items()}
