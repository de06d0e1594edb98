from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    INVITATION = "INVITATION", _("Invitation")
    MANDATE_COPY = "MANDATE_COPY", _("Copy of an authorization")
    UPCOMING_DEBIT = "UPCOMING_DEBIT", _("Reminder of an upcoming payment")
    VARYING_AMOUNT = "VARYING_AMOUNT", _("Payment outside the agreed range")
    RECEIPT = "RECEIPT", _("Receipt")
    RETURNED = "RETURNED", _("Returned payment")
    VERIFICATION = "VERIFICATION", _("Verification of a bank account")
    BANK_CHANGED = "BANK_CHANGED", _("Change of a bank account")
    AUTOPAY = "AUTOPAY", _("Change of automatic payments")
    PAYMENT_CANCELLED = "PAYMENT_CANCELLED", _("Canceled payment")


# What the law or safety asks for is written whoever wants it; these are a service.
OPTIONAL = (
    Kind.UPCOMING_DEBIT,
    Kind.RECEIPT,
    Kind.VERIFICATION,
    Kind.AUTOPAY,
    Kind.PAYMENT_CANCELLED,
)


class MessageStatus(models.TextChoices):
    """SENT: the mail server took it. FAILED: tried often enough; a Case says so."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


_S = MessageStatus
MOVES: dict[str, frozenset[str]] = {
    _S.QUEUED: frozenset({_S.SENT, _S.FAILED}),
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.SENT: frozenset(),
}
