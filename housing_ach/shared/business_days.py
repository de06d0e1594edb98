"""Banking dates: New York, Monday to Friday, less Federal Reserve Bank holidays (Fed K.8).

A holiday on Sunday closes Monday; one on Saturday closes nothing, unlike the federal employees'
calendar, where the Friday before is free.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
JUNETEENTH_SINCE = 2022

# Days the Federal Reserve opens (True) or closes (False) against the rule. None so far.
OVERRIDES: Mapping[date, bool] = {}


def nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def last_monday(year: int, month: int) -> date:
    fifth = nth(year, month, MONDAY, 5)
    return fifth if fifth.month == month else fifth - 7 * DAY


@lru_cache(maxsize=256)
def holidays(year: int) -> Mapping[date, str]:
    """The year's holidays as they fall, before the weekend rule, each with its name."""
    days = {
        date(year, 1, 1): "NEW_YEAR",
        nth(year, 1, MONDAY, 3): "KING",
        nth(year, 2, MONDAY, 3): "PRESIDENTS",
        last_monday(year, 5): "MEMORIAL",
        date(year, 7, 4): "INDEPENDENCE",
        nth(year, 9, MONDAY, 1): "LABOR",
        nth(year, 10, MONDAY, 2): "COLUMBUS",
        date(year, 11, 11): "VETERANS",
        nth(year, 11, THURSDAY, 4): "THANKSGIVING",
        date(year, 12, 25): "CHRISTMAS",
    }
    if year >= JUNETEENTH_SINCE:
        days[date(year, 6, 19)] = "JUNETEENTH"
    return MappingProxyType(days)


def why_closed(on: date) -> str:
    """WEEKEND, the holiday's name, or CLOSED where only the override says so; empty on a banking day."""
    if is_banking_day(on):
        return ""
    if on.weekday() >= SATURDAY:
        return "WEEKEND"
    closed = holidays(on.year)
    return closed.get(on) or closed.get(on - DAY, "CLOSED")


def is_banking_day(on: date) -> bool:
    if on in OVERRIDES:
        return OVERRIDES[on]
    closed = holidays(on.year)
    sunday_moved = on.weekday() == MONDAY and on - DAY in closed
    return on.weekday() < SATURDAY and on not in closed and not sunday_moved


def roll_forward(on: date) -> date:
    """`on` itself when it is a banking day, else the next one."""
    while not is_banking_day(on):
        on += DAY
    return on


def roll_backward(on: date) -> date:
    """`on` itself when it is a banking day, else the one before."""
    while not is_banking_day(on):
        on -= DAY
    return on


def next_banking_day(on: date) -> date:
    """The first banking day strictly after `on`."""
    return roll_forward(on + DAY)


def previous_banking_day(on: date) -> date:
    """The last banking day strictly before `on`."""
    return roll_backward(on - DAY)


def add_banking_days(on: date, count: int) -> date:
    """`count` banking days after `on` (before it when negative); 0 is `on` itself, whatever it is."""
    step = next_banking_day if count > 0 else previous_banking_day
    for _ in range(abs(count)):
        on = step(on)
    return on


def banking_days_between(after: date, until: date) -> int:
    """Banking days in (after, until]; negative when `until` comes first."""
    if until < after:
        return -banking_days_between(until, after)
    return sum(is_banking_day(after + DAY * n) for n in range(1, (until - after).days + 1))


def new_york_date(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()


def new_york_at(on: date, clock_time: time) -> datetime:
    """UTC instant of a New York wall-clock time.

    An hour that happens twice (November) is the first one; one that never happens (March) is read
    as if clocks had not been moved yet, so 02:30 is 03:30.
    """
    return datetime.combine(on, clock_time, tzinfo=NEW_YORK).astimezone(UTC)
