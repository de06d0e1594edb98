"""The clock asked ahead by a program: the wish is a row, and the worker lives through the days up to it."""

import time as stopwatch
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from housing_ach.clock.models import Clock, Run
from housing_ach.clock.services import advance, alone, claim, finish, moment, now
from housing_ach.sandbox import staff
from housing_ach.sandbox.drivers import Driver
from housing_ach.sandbox.month import People, Phase, approve_all, live, phases_of, tasks
from housing_ach.shared.business_days import DAY, new_york_date
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal

JOB = "sandbox advance"
MOST_DAYS = 62
# What the hours between leave out: a program may ask at any time of the day.
BUILDING = tasks("batches.build_batches")
SENDING = tasks("batches.freeze_batches", "batches.send_files")
# What each moment gives to tell, for the timetable to send.
TELLING = tasks(
    "batches.run_shadow",
    "payments.plan_notices",
    "notices.plan_required",
    "notices.plan_upcoming",
    "notices.plan_from_events",
    "webhooks.plan_from_events",
    "erp.plan_postings",
)


class ClockIsMoving(Refusal):
    """It is on its way; what depends on the time has to wait until it is there."""


class NotLater(Refusal):
    """The clock never moves back."""


class TooFar(Refusal):
    """More days than are lived through at a time."""


def going_to() -> datetime | None:
    """The instant (UTC) the clock is on its way to."""
    run = _going()
    return _instant(run) if run else None


def require_standing() -> datetime:
    """Now, while nobody else can set the clock on its way. In a transaction. Raises ClockIsMoving."""
    Clock.objects.select_for_update().get()
    if to := going_to():
        raise ClockIsMoving(
            f"clock: is on its way to {to:%Y-%m-%d %H:%M} UTC; ask again when it is there",
            field="clock",
        )
    return now()


def ask(to: datetime | date | int) -> datetime:
    """As the clock's own `advance` takes it: an instant, a New York date's midnight, or days from now.

    In a transaction. Raises ClockIsMoving, NotLater, TooFar.
    """
    current = require_standing()
    target = moment(to, current).replace(microsecond=0)
    if target <= current:
        raise NotLater(
            f"to: the clock stands at {current:%Y-%m-%d %H:%M:%S} UTC and never moves back",
            field="to",
        )
    if target > current + timedelta(days=MOST_DAYS):
        raise TooFar(f"to: at most {MOST_DAYS} days at a time", field="to")
    claim(JOB, new_york_date(target), target.isoformat())
    return target


def moments(since: datetime, until: datetime) -> Iterator[tuple[datetime, Phase]]:
    """Those of the days between two instants, both counted."""
    on, last = new_york_date(since), new_york_date(until)
    while on <= last:
        yield from ((at, phase) for at, phase in phases_of(on) if since <= at <= until)
        on += DAY


def go_on(driver: Driver, *, seconds: float) -> None:
    """Live on to where the clock was asked, or for about so long. Only one does it at once.

    The moment the clock stands at may have been left half way, and is lived through again; each call
    comes one moment further at least.
    """
    with alone(JOB) as mine:
        run = _going() if mine else None
        if run and _arrives(driver, _instant(run), stopwatch.monotonic() + seconds):
            finish(JOB, run.on, run.window)


def _arrives(driver: Driver, to: datetime, end: float) -> bool:
    people = People((), *staff.present())
    _catch_up(driver, people)
    since = now()
    for at, phase in moments(since, to):
        live(driver, people, phase, at=at)
        driver.work(TELLING)
        failpoint("sandbox.lived")
        if at > since and stopwatch.monotonic() > end:
            return False
    if to > now():
        advance(to)
        driver.bank_reaches(to)
    return True


def _catch_up(driver: Driver, people: People) -> None:
    """What was asked for since the hour of drafts still gets into today's file."""
    driver.work(BUILDING)
    approve_all(people.checker, at=now())
    driver.work(SENDING)


def _going() -> Run | None:
    return Run.objects.filter(job=JOB, finished_at=None).order_by("pk").first()


def _instant(run: Run) -> datetime:
    return datetime.fromisoformat(run.window)
