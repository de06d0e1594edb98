from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import checks
from django.db import IntegrityError, transaction
from django.utils import timezone

from housing_ach.audit.models import Event
from housing_ach.clock.models import Clock
from housing_ach.clock.services import (
    ClockStandsStill,
    NoSuchTime,
    advance,
    claim,
    follow_wall_time,
    now,
    run_on,
    start,
    today,
)

FAR = datetime(2031, 3, 7, 15, 30, tzinfo=UTC)


@pytest.fixture
def frozen(db):
    return advance(FAR)


def test_it_is_wall_time_until_it_is_frozen(db):
    assert abs(now() - timezone.now()) < timedelta(seconds=5)


def test_a_frozen_clock_stands_still(frozen):
    assert now() == FAR == now()


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2031, 3, 8, 4, 59, tzinfo=UTC), date(2031, 3, 7)),
        (datetime(2031, 3, 8, 5, 0, tzinfo=UTC), date(2031, 3, 8)),
    ],
)
def test_today_is_new_yorks(db, at, on):
    advance(at)

    assert today() == on


def test_a_date_begins_at_new_york_midnight(frozen):
    assert advance(date(2031, 3, 10)) == datetime(2031, 3, 10, 4, tzinfo=UTC)


def test_days_keep_the_time_of_day_over_the_change_of_clocks(frozen):
    assert advance(3) == datetime(2031, 3, 10, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("to", [FAR - timedelta(seconds=1), date(2031, 3, 7), -1])
def test_it_never_moves_back(frozen, to):
    with pytest.raises(NoSuchTime, match="lies before"):
        advance(to)

    assert now() == FAR


def test_wall_time_is_not_left_backwards_either(db):
    with pytest.raises(NoSuchTime):
        advance(datetime(2020, 1, 1, tzinfo=UTC))


def test_a_simulation_may_begin_in_the_past(db):
    past = datetime(2024, 1, 25, 5, tzinfo=UTC)

    assert start(past) == now() == past


def test_a_simulation_begins_before_any_job_has_run(db):
    claim("autopay", date(2024, 1, 25))

    with pytest.raises(NoSuchTime):
        start(datetime(2024, 1, 25, tzinfo=UTC))


def test_a_simulation_begins_once(frozen):
    with pytest.raises(NoSuchTime):
        start(FAR - timedelta(days=1))


def test_a_clock_behind_wall_time_may_follow_it_again(db):
    start(datetime(2024, 1, 25, tzinfo=UTC))

    follow_wall_time()

    assert abs(now() - timezone.now()) < timedelta(seconds=5)


def test_a_clock_ahead_of_wall_time_may_not(frozen):
    with pytest.raises(NoSuchTime, match="ahead of wall time"):
        follow_wall_time()


def test_a_frozen_clock_runs_on_from_where_it_stood(frozen):
    run_on()

    first, second = now(), now()
    assert FAR < first < second < FAR + timedelta(seconds=5)


def test_a_running_clock_is_frozen_again_later_and_never_earlier(frozen):
    run_on()

    with pytest.raises(NoSuchTime, match="lies before"):
        advance(FAR)
    assert advance(FAR + timedelta(days=1)) == now() == FAR + timedelta(days=1)


def test_wall_time_has_nothing_to_run_on_from(db):
    run_on()

    assert Clock.objects.get().running_since is None
    with pytest.raises(IntegrityError, match="clock_runs_on"), transaction.atomic():
        Clock.objects.update(running_since=timezone.now())


@pytest.mark.parametrize("frozen_at", [FAR - timedelta(days=1), None])
def test_the_database_lets_nobody_turn_it_back(frozen, frozen_at):
    with pytest.raises(IntegrityError, match="never moves back"), transaction.atomic():
        Clock.objects.update(frozen_at=frozen_at)


def test_the_database_keeps_one_clock(db):
    with pytest.raises(IntegrityError, match="one_clock"), transaction.atomic():
        Clock.objects.create(pk=2)
    with pytest.raises(IntegrityError, match="not deleted"), transaction.atomic():
        Clock.objects.all().delete()


def test_live_mode_has_no_movable_clock(db, settings):
    settings.LIVE_MODE = True

    for move in (advance, start):
        with pytest.raises(NoSuchTime, match="live mode"):
            move(FAR)


def test_live_mode_refuses_a_clock_that_stands_still(frozen, settings):
    settings.LIVE_MODE = True

    with pytest.raises(ClockStandsStill):
        today()


def test_the_system_check_finds_a_frozen_clock_in_live_mode(frozen, settings):
    def found(databases):
        return [e.msg for e in checks.run_checks(tags=["database"], databases=databases)]

    assert found(["default"]) == []
    settings.LIVE_MODE = True
    assert found(["default"]) == ["The clock is frozen in live mode."]
    assert found(None) == []


def test_moving_it_leaves_a_trail(frozen):
    event = Event.objects.filter(subject="clock.clock", kind="row.update").get()

    assert event.data["new"] == {"frozen_at": "2031-03-07T15:30:00+00:00"}
