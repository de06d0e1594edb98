"""Integer cents in and out; nothing between the edges knows another form."""

import re
from collections.abc import Sequence

from housing_ach.shared.problems import Refusal

# Thousands commas are optional, but where one stands all must stand.
AMOUNT = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)


class BadAmount(Refusal):
    """The text is no amount of dollars and cents."""


def dollars(cents: int) -> str:
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{part:02}"


def cents_of(text: str, *, field: str = "amount") -> int:
    """Cents of `1,234.56`, `$1234.5` or `1234`; never rounds, never negative."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        raise BadAmount(
            f"{field}: {text.strip()[:30]!r} is not an amount like 1,234.56", field=field
        )
    whole, part = match.groups()
    return int(whole.replace(",", "")) * 100 + int((part or "0").ljust(2, "0"))


def split(cents: int, weights: Sequence[int]) -> list[int]:
    """Shares in proportion to `weights` that sum to `cents`; odd cents go to the first that has any."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise Refusal(
            "shares: the weights must be zero or more, and one above zero", field="shares"
        )
    parts = [cents * weight // total for weight in weights]
    first = next(place for place, weight in enumerate(weights) if weight)
    parts[first] += cents - sum(parts)
    return parts
