"""The month, start to end: the organisation, the bank, the days, the table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.core.management.base import OutputWrapper
from django.db import transaction

from housing_ach.bank.models import BankProfile
from housing_ach.clock import services as clock
from housing_ach.sandbox import report, staff, world
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.bank.server import connect_profile, running_bank
from housing_ach.sandbox.drivers import Driver, InProcess, ThroughWorker
from housing_ach.sandbox.month import People, live_through
from housing_ach.sandbox.payers import SHOWN_FATES
from housing_ach.shared.business_days import new_york_at

MIDNIGHT = time(0, 5)
# Starting late in a month shows the next month's rent from its first day.
START_DAY = 25
BAR_CELLS = 30


@dataclass(frozen=True)
class Plan:
    """`until` (UTC) leaves later moments to the real clock; null: every day is lived to its end.

    `fates` are of the sandbox bank's test accounts, one for each of the first payers.
    """

    seed: int
    leases: int
    days: int
    start: date
    until: datetime | None = None
    fates: Sequence[str] = SHOWN_FATES


def default_start(days: int) -> date:
    """The latest 25th from which the days end no later than today."""
    latest = clock.today() - timedelta(days=days)
    this_month = latest.replace(day=START_DAY)
    if this_month <= latest:
        return this_month
    return (latest.replace(day=1) - timedelta(days=1)).replace(day=START_DAY)


def run(plan: Plan, *, folder: Path, through_worker: bool, out: OutputWrapper) -> None:
    """Raises NotEmpty where the database already holds an organisation."""
    world.require_empty()
    at = clock.start(new_york_at(plan.start, MIDNIGHT))
    with transaction.atomic():
        town = world.build(
            seed=plan.seed, leases=plan.leases, start=plan.start, at=at, fates=plan.fates
        )
        clerk, checker = staff.create()
    with _driver(town.profile, plan, folder, through_worker=through_worker) as driver:
        people = People(town.payers, clerk, checker)
        lived = live_through(driver, people, start=plan.start, days=plan.days, until=plan.until)
        for done, on in enumerate(lived, start=1):
            _show(out, done, plan.days, on)
    for row in report.rows():
        out.write(str(row))


@contextmanager
def _driver(
    profile: BankProfile, plan: Plan, folder: Path, *, through_worker: bool
) -> Iterator[Driver]:
    if through_worker:
        yield ThroughWorker(AnsweringBank(folder, plan.seed))
        return
    with running_bank(folder, plan.seed) as running:
        connect_profile(profile, running)
        yield InProcess(running.bank)


def _show(out: OutputWrapper, done: int, days: int, on: date) -> None:
    if not out.isatty() and done % 5 and done != days:
        return
    cells = BAR_CELLS * done // days
    bar = "#" * cells + "." * (BAR_CELLS - cells)
    line = f"[{bar}] {on}  day {done} of {days}"
    out.write(f"\r{line}" if out.isatty() else line, ending="" if out.isatty() else "\n")
    if out.isatty() and done == days:
        out.write("")
