from datetime import date, datetime

from housing_ach.bank.models import Window
from housing_ach.bank.selectors import cut_off
from housing_ach.shared.problems import Refusal


class PastCutOff(Refusal):
    """The bank would take it for the next banking day: nothing is made for a window that closed."""


def require_open(window: Window, on: date, at: datetime) -> datetime:
    """UTC instant at which the window closes on the processing day; raises PastCutOff from then on."""
    closes_at = cut_off(window, on)
    if at >= closes_at:
        raise PastCutOff(
            f"window {window.code}: closed for {on} at {closes_at:%Y-%m-%d %H:%M} UTC",
            field="window",
            ids=[window.pk],
        )
    return closes_at
