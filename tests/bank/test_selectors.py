from datetime import UTC, date, datetime, time

import pytest

from housing_ach.bank.selectors import (
    NoBankingDay,
    NoWindow,
    cut_off,
    effective_date,
    next_window,
)
from tests.factories import BankProfileFactory, WindowFactory

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def window():
    return WindowFactory(cut_off=time(16, 0))


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, five hours behind UTC."""
    return datetime(2026, 11, day, hour + 5, minute, tzinfo=UTC)


def test_a_cut_off_is_told_in_utc_on_both_sides_of_the_clock_change(window):
    assert cut_off(window, date(2026, 10, 30)) == datetime(2026, 10, 30, 20, tzinfo=UTC)
    assert cut_off(window, date(2026, 11, 2)) == datetime(2026, 11, 2, 21, tzinfo=UTC)


@pytest.mark.parametrize("on", [date(2026, 11, 21), date(2026, 11, 26)])
def test_no_window_closes_on_a_day_banks_are_closed(window, on):
    with pytest.raises(NoBankingDay, match=str(on)):
        cut_off(window, on)


@pytest.mark.parametrize(
    ("at", "processing_on", "effective_on"),
    [
        (new_york(20, 15, 59), FRIDAY, date(2026, 11, 23)),
        (new_york(20, 16, 0), date(2026, 11, 23), date(2026, 11, 24)),
        (new_york(21, 9), date(2026, 11, 23), date(2026, 11, 24)),
        (new_york(25, 12), date(2026, 11, 25), date(2026, 11, 27)),
        (new_york(25, 18), date(2026, 11, 27), date(2026, 11, 30)),
    ],
)
def test_what_misses_the_cut_off_goes_with_the_next_banking_day(
    window, at, processing_on, effective_on
):
    slot = next_window(window.profile, at)

    assert (slot.processing_on, slot.effective_on) == (processing_on, effective_on)
    assert at < slot.cut_off_at


def test_the_first_of_several_windows_still_open_is_taken(window):
    WindowFactory(profile=window.profile, code="EVENING", cut_off=time(20, 0))

    assert next_window(window.profile, new_york(20, 15)).window.code == window.code
    assert next_window(window.profile, new_york(20, 17)).window.code == "EVENING"


def test_a_same_day_window_is_taken_only_when_asked_for(window):
    WindowFactory(profile=window.profile, code="SAME_DAY", cut_off=time(14, 0), same_day=True)

    assert next_window(window.profile, new_york(20, 9)).window == window
    slot = next_window(window.profile, new_york(20, 9), same_day=True)
    assert (slot.window.code, slot.effective_on) == ("SAME_DAY", FRIDAY)


def test_a_next_day_window_is_effective_on_the_next_banking_day(window):
    assert effective_date(window, FRIDAY) == date(2026, 11, 23)


def test_a_bank_without_windows_says_so():
    profile = BankProfileFactory(name="First")

    with pytest.raises(NoWindow, match="bank First: has no next-day window"):
        next_window(profile, new_york(20, 9))
