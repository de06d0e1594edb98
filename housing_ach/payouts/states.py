from django.db import models
from django.utils.translation import gettext_lazy as _


class MicroDepositStatus(models.TextChoices):
    """UNSENT and SENT wait for the bank, AWAITING_INPUT for the holder, who has three tries."""

    UNSENT = "UNSENT"
    SENT = "SENT"
    AWAITING_INPUT = "AWAITING_INPUT"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


_M = MicroDepositStatus
MICRO_DEPOSIT_MOVES: dict[str, frozenset[str]] = {
    _M.UNSENT: frozenset({_M.SENT, _M.FAILED}),
    _M.SENT: frozenset({_M.AWAITING_INPUT, _M.FAILED}),
    _M.AWAITING_INPUT: frozenset({_M.VERIFIED, _M.FAILED, _M.EXPIRED}),
    # They may still come back.
    _M.VERIFIED: frozenset({_M.FAILED}),
    _M.EXPIRED: frozenset({_M.FAILED}),
    _M.FAILED: frozenset(),
}
UNDER_WAY = (_M.UNSENT, _M.SENT, _M.AWAITING_INPUT)


class FailedWhy(models.TextChoices):
    """In words for the holder of the account; what a page shows beside FAILED."""

    WRONG_AMOUNTS = "WRONG_AMOUNTS", _("The amounts were wrong three times.")
    CLOSED = "CLOSED", _("The bank says this account is closed.")
    NOT_FOUND = "NOT_FOUND", _("The bank could not find this account.")
    SENT_BACK = "SENT_BACK", _("The bank sent the deposits back.")
    NOT_TAKEN = "NOT_TAKEN", _("Our bank did not take the deposits.")
    STOPPED = "STOPPED", _("The deposits were stopped before they were sent.")


# Of the return codes of a credit; any other is SENT_BACK.
WHY_OF_CODE = {
    "R02": FailedWhy.CLOSED,
    "R03": FailedWhy.NOT_FOUND,
    "R04": FailedWhy.NOT_FOUND,
}
