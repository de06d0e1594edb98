from housing_ach.payments.selectors.notices import OutOfRange, out_of_range, untold
from housing_ach.payments.selectors.shares import (
    FREE,
    LIVE,
    SHARES,
    Limits,
    OpenShare,
    content_sha,
    lacking_cents,
    limits_of,
    open_cents,
    open_shares,
)

__all__ = [
    "FREE",
    "LIVE",
    "SHARES",
    "Limits",
    "OpenShare",
    "OutOfRange",
    "content_sha",
    "lacking_cents",
    "limits_of",
    "open_cents",
    "open_shares",
    "out_of_range",
    "untold",
]
