"""The four dates of a payment that people ask for."""

from datetime import date, datetime
from typing import NamedTuple

from housing_ach.bank.models import BankProfile
from housing_ach.bank.selectors import FREEZE_AHEAD, cut_off
from housing_ach.payments.models import Payment
from housing_ach.shared.business_days import add_banking_days, previous_banking_day


class Dates(NamedTuple):
    """Until when it can still be changed (UTC), and the banking dates it is expected to go through."""

    cut_off_at: datetime | None
    effective_on: date
    settles_on: date
    clears_on: date


def dates_of(payment: Payment, profile: BankProfile) -> Dates:
    """As planned: debits settle on their effective date. No query where the windows are prefetched."""
    return dates_on(payment.effective_on, profile, made_at=payment.made_at)


def dates_on(effective_on: date, profile: BankProfile, *, made_at: datetime) -> Dates:
    """Of a debit on that day, whether there is one yet or not."""
    return Dates(
        _cut_off_before(effective_on, profile, made_at),
        effective_on,
        effective_on,
        add_banking_days(effective_on, profile.clear_after),
    )


def cut_off_at(payment: Payment, profile: BankProfile) -> datetime | None:
    return _cut_off_before(payment.effective_on, profile, payment.made_at)


def _cut_off_before(effective_on: date, profile: BankProfile, made_at: datetime) -> datetime | None:
    """Of the first next-day window of the processing day that was still open when it was made.

    Our own file is closed some time before the bank's window; what is made after that can only be
    changed until it is in the next file, at the latest when the window closes.
    """
    on = previous_banking_day(effective_on)
    closes = sorted(cut_off(window, on) for window in profile.windows.all() if not window.same_day)
    if not closes:
        return None
    closing = next((at for at in closes if at > made_at), closes[-1])
    ours = closing - FREEZE_AHEAD
    return ours if made_at < ours or made_at >= closing else closing
