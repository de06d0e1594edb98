from dataclasses import dataclass
from datetime import date, datetime, timedelta

from housing_ach.bank.models import BankProfile, Window
from housing_ach.shared.business_days import (
    is_banking_day,
    new_york_at,
    new_york_date,
    next_banking_day,
    roll_forward,
)
from housing_ach.shared.problems import Refusal

# Our file for a window is made so long before the bank closes it.
FREEZE_AHEAD = timedelta(hours=1)


class NoWindow(Refusal):
    """The bank profile has no window of the kind asked for."""


class NoBankingDay(Refusal):
    """Banks process nothing on that date."""


@dataclass(frozen=True)
class Slot:
    """A window on one processing day."""

    window: Window
    processing_on: date
    cut_off_at: datetime

    @property
    def effective_on(self) -> date:
        return effective_date(self.window, self.processing_on)


def cut_off(window: Window, on: date) -> datetime:
    """UTC instant at which the window closes on a processing day; what arrives then is too late."""
    if not is_banking_day(on):
        raise NoBankingDay(f"processing day: {on} is not a banking day", field="processing_on")
    return new_york_at(on, window.cut_off)


def effective_date(window: Window, processing_on: date) -> date:
    """The first banking day after the processing day; that day itself in a same-day window."""
    return processing_on if window.same_day else next_banking_day(processing_on)


def next_window(profile: BankProfile, at: datetime, *, same_day: bool = False) -> Slot:
    """The window that closes next after `at`."""
    windows = list(profile.windows.filter(same_day=same_day))
    if not windows:
        kind = "same-day" if same_day else "next-day"
        raise NoWindow(f"bank {profile}: has no {kind} window", field="window", ids=[profile.pk])
    today = roll_forward(new_york_date(at))
    slots = (
        Slot(window, on, cut_off(window, on))
        for on in (today, next_banking_day(today))
        for window in windows
    )
    return min((slot for slot in slots if at < slot.cut_off_at), key=lambda slot: slot.cut_off_at)


def soonest_effective_date(profile: BankProfile, at: datetime) -> date:
    """When a debit asked for now can settle: from its cut-off on, a window is the next day's."""
    try:
        return next_window(profile, at).effective_on
    except NoWindow:
        return next_banking_day(new_york_date(at))
