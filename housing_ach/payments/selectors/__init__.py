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
    "content_sha",
    "lacking_cents",
    "limits_of",
    "open_cents",
    "open_shares",
]
