from datetime import UTC, date, datetime, time, timedelta

import holidays as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_ach.shared import business_days
from housing_ach.shared.business_days import (
    add_banking_days,
    banking_days_between,
    is_banking_day,
    new_york_at,
    new_york_date,
    next_banking_day,
    previous_banking_day,
    roll_backward,
    roll_forward,
)

YEARS = range(2015, 2041)
SATURDAY, SUNDAY = 5, 6
DATES = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))


def federal(year):
    """The package's US federal holidays as they fall, without the days observed in their place."""
    return set(oracle.country_holidays("US", years=year, observed=False))


@pytest.mark.parametrize("year", YEARS)
def test_the_rule_agrees_with_the_federal_holidays(year):
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    falls = federal(year)

    closed = {on for on in days if on.weekday() < SATURDAY and not is_banking_day(on)}

    on_weekdays = {on for on in falls if on.weekday() < SATURDAY}
    after_sundays = {on + timedelta(days=1) for on in falls if on.weekday() == SUNDAY}
    assert closed == on_weekdays | after_sundays


@pytest.mark.parametrize(
    "friday",
    [
        date(2026, 7, 3),
        date(2027, 6, 18),
        date(2027, 12, 24),
        date(2028, 11, 10),
        date(2027, 12, 31),
    ],
)
def test_a_holiday_on_saturday_leaves_the_friday_open(friday):
    assert is_banking_day(friday)


@pytest.mark.parametrize("monday", [date(2023, 1, 2), date(2027, 7, 5), date(2022, 12, 26)])
def test_a_holiday_on_sunday_closes_the_monday(monday):
    assert not is_banking_day(monday)


def test_juneteenth_closes_from_2022_on():
    assert is_banking_day(date(2020, 6, 19))
    assert not is_banking_day(date(2024, 6, 19))


@pytest.mark.parametrize("on", [date(2026, 4, 3), date(2026, 11, 27), date(2026, 12, 24)])
def test_good_friday_the_day_after_thanksgiving_and_christmas_eve_are_open(on):
    assert is_banking_day(on)


def test_an_override_beats_the_rule(monkeypatch):
    storm, reopened = date(2026, 3, 3), date(2026, 7, 4)
    monkeypatch.setattr(business_days, "OVERRIDES", {storm: False, reopened: True})

    assert not is_banking_day(storm)
    assert is_banking_day(reopened)


def test_the_days_around_a_long_weekend():
    friday, saturday, tuesday = date(2026, 5, 22), date(2026, 5, 23), date(2026, 5, 26)

    assert next_banking_day(friday) == roll_forward(saturday) == tuesday
    assert previous_banking_day(tuesday) == roll_backward(saturday) == friday
    assert roll_forward(friday) == roll_backward(friday) == friday


def test_counting_runs_both_ways():
    assert add_banking_days(date(2026, 5, 22), 2) == date(2026, 5, 27)
    assert add_banking_days(date(2026, 5, 27), -2) == date(2026, 5, 22)
    assert add_banking_days(date(2026, 5, 23), 0) == date(2026, 5, 23)
    assert banking_days_between(date(2026, 5, 22), date(2026, 5, 27)) == 2
    assert banking_days_between(date(2026, 5, 27), date(2026, 5, 22)) == -2


@given(DATES, st.integers(min_value=-30, max_value=30))
def test_what_is_added_is_counted(on, count):
    on = roll_forward(on)

    assert banking_days_between(on, add_banking_days(on, count)) == count


@pytest.mark.parametrize(
    ("on", "at", "utc"),
    [
        (date(2026, 1, 15), time(17), datetime(2026, 1, 15, 22, tzinfo=UTC)),
        (date(2026, 7, 15), time(17), datetime(2026, 7, 15, 21, tzinfo=UTC)),
        # Clocks go forward: 02:30 never happens and is 03:30.
        (date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # Clocks go back: 01:30 happens twice and is the first.
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(2, 30), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_new_york_time_in_utc(on, at, utc):
    assert new_york_at(on, at) == utc


@pytest.mark.parametrize(
    ("utc", "on"),
    [
        (datetime(2026, 1, 16, 4, 59, 59, tzinfo=UTC), date(2026, 1, 15)),
        (datetime(2026, 1, 16, 5, tzinfo=UTC), date(2026, 1, 16)),
        (datetime(2026, 7, 16, 3, 59, 59, tzinfo=UTC), date(2026, 7, 15)),
        (datetime(2026, 7, 16, 4, tzinfo=UTC), date(2026, 7, 16)),
    ],
)
def test_the_date_turns_at_new_york_midnight(utc, on):
    assert new_york_date(utc) == on
