"""Money that goes out, and what is asked with it: an account is verified by micro-deposits."""

from housing_ach.payouts.services.confirm import confirm_micro_deposits
from housing_ach.payouts.services.follow import fail_returned, follow_micro_deposits
from housing_ach.payouts.services.refusals import (
    AlreadyVerified,
    BadAmounts,
    MicroDepositsExpired,
    NotAwaitingAmounts,
    TooManyStarts,
    WrongAmounts,
)
from housing_ach.payouts.services.start import start_micro_deposits

__all__ = [
    "AlreadyVerified",
    "BadAmounts",
    "MicroDepositsExpired",
    "NotAwaitingAmounts",
    "TooManyStarts",
    "WrongAmounts",
    "confirm_micro_deposits",
    "fail_returned",
    "follow_micro_deposits",
    "start_micro_deposits",
]
