"""Dates as the format writes them: YYMMDD of this century, and the day of the year alone."""

from datetime import date, timedelta

import numpy as np

from housing_ach.nacha.block import Mask
from housing_ach.nacha.digits import Bytes

_CENTURY = 2000
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 243, np.uint8)


def are_dates(content: Bytes) -> Mask:
    """Which rows of six ASCII digits are days of the calendar."""
    if len(content) > 1 and (content == content[0]).all():  # as in most files
        return np.repeat(are_dates(content[:1]), len(content))
    pairs = (content - 0x30).astype(np.int64).reshape(-1, 3, 2) @ np.array([10, 1])
    year, month, day = pairs.T
    leap = (month == 2) & (year % 4 == 0)
    mask: Mask = (day >= 1) & (day <= _DAYS.take(month, mode="clip") + leap)
    return mask


def date_of(text: str) -> date | None:
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        return None
    try:
        return date(_CENTURY + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


def yymmdd(on: date | None) -> str:
    return " " * 6 if on is None else f"{on:%y%m%d}"


def settlement_date(day_of_year: int, *, near: date) -> date | None:
    """The day meant by a settlement day: in the year that puts it nearest to `near`.

    The operator writes no year, so a file of 31 December may settle on day 002.
    """
    found = []
    for year in (near.year - 1, near.year, near.year + 1):
        on = date(year, 1, 1) + timedelta(days=day_of_year - 1)
        if on.year == year and day_of_year >= 1:
            found.append(on)
    return min(found, key=lambda on: abs(on - near), default=None)
