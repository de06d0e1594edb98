"""Now, the banking date, and who runs what is due."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from housing_ach.clock.models import Clock, Run
from housing_ach.shared.business_days import NEW_YORK, new_york_at, new_york_date
from housing_ach.shared.problems import Refusal


class ClockStandsStill(Refusal):
    """Live mode runs on wall time alone."""


class NoSuchTime(Refusal):
    """The clock cannot be moved there."""


def now() -> datetime:
    """UTC. Refuses a frozen clock in live mode."""
    frozen_at, running_since = Clock.objects.values_list("frozen_at", "running_since").get()
    if frozen_at is not None and settings.LIVE_MODE:
        raise ClockStandsStill("clock: is frozen, and live mode needs wall time", field="clock")
    return _shown(frozen_at, running_since)


def _shown(frozen_at: datetime | None, running_since: datetime | None) -> datetime:
    if frozen_at is None:
        return timezone.now()
    return frozen_at + (timezone.now() - running_since) if running_since else frozen_at


def wall_time() -> datetime:
    """UTC, whatever the business clock says: sessions and one-time codes live in it."""
    return timezone.now()


def today() -> date:
    """The date in New York."""
    return new_york_date(now())


def advance(to: datetime | date | int) -> datetime:
    """Freeze the clock at a later moment: an instant, a New York date's midnight, or days from now.

    Days keep the New York time of day. Sandbox only.
    """
    return _freeze(to, backwards=False)


def start(at: datetime) -> datetime:
    """Begin a simulation, also in the past, while no job has run yet. Sandbox only."""
    return _freeze(at, backwards=True)


def follow_wall_time() -> None:
    """Let a frozen clock run again, once wall time has caught up with it."""
    with transaction.atomic():
        clock = Clock.objects.select_for_update().get()
        if _shown(clock.frozen_at, clock.running_since) > timezone.now():
            raise NoSuchTime("clock: is ahead of wall time and never moves back", field="clock")
        clock.frozen_at = clock.running_since = None
        clock.save(update_fields=["frozen_at", "running_since"])


def run_on() -> None:
    """Let a frozen clock go on from where it stands, as fast as wall time."""
    Clock.objects.filter(running_since=None).exclude(frozen_at=None).update(
        running_since=timezone.now()
    )


def claim(job: str, on: date, window: str = "") -> bool:
    """True for the one caller who inserts the run."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO clock_run (job, "on", "window") VALUES (%s, %s, %s) ON CONFLICT DO NOTHING',
            [job, on, window],
        )
        return bool(cursor.rowcount == 1)


def finish(job: str, on: date, window: str = "") -> None:
    Run.objects.filter(job=job, on=on, window=window).update(finished_at=timezone.now())


@contextmanager
def claimed(job: str, *, on: date, window: str = "") -> Iterator[bool]:
    """Yields whether this caller does the run; leaving without an error finishes it.

    A session lock is held meanwhile, so two never run at once and the run of a dead holder is free
    to be taken over. A run that failed stays unfinished and is done again by the next caller.
    """
    with alone(f"{job}|{on}|{window}") as locked:
        mine = locked and (claim(job, on, window) or _unfinished(job, on, window))
        yield mine
        if mine:
            finish(job, on, window)


def _unfinished(job: str, on: date, window: str) -> bool:
    return Run.objects.filter(job=job, on=on, window=window, finished_at=None).exists()


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Yields whether nobody else is at it; a holder that dies lets go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 1))", [name])
        (locked,) = cursor.fetchone()
    try:
        yield locked
    finally:
        if locked:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 1))", [name])


def _freeze(to: datetime | date | int, *, backwards: bool) -> datetime:
    if settings.LIVE_MODE:
        raise NoSuchTime("clock: live mode has no movable clock", field="clock")
    with transaction.atomic():
        clock = Clock.objects.select_for_update().get()
        current = _shown(clock.frozen_at, clock.running_since)
        target = moment(to, current)
        untouched = clock.frozen_at is None and not Run.objects.exists()
        if target < current and not (backwards and untouched):
            raise NoSuchTime(
                f"clock: {target:%Y-%m-%d %H:%M} UTC lies before {current:%Y-%m-%d %H:%M} UTC",
                field="to",
            )
        clock.frozen_at, clock.running_since = target, None
        clock.save(update_fields=["frozen_at", "running_since"])
    return target


def moment(to: datetime | date | int, current: datetime) -> datetime:
    """What `advance` understands, as an instant (UTC)."""
    if isinstance(to, datetime):
        return to
    if isinstance(to, date):
        return new_york_at(to, time.min)
    local = current.astimezone(NEW_YORK)
    return new_york_at(local.date() + timedelta(days=to), local.time())
