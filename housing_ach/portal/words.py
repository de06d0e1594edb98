"""What a payment's state means, in a sentence for the person whose money it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus

RETRY, FROZEN = "RETRY", "FROZEN"
PLANNED = (PaymentStatus.SCHEDULED, PaymentStatus.BATCHED)

SENTENCES: dict[str, Promise] = {
    "HELD": _("Somebody in the office has to look at this payment first. Nothing is taken before."),
    "AWAITING_APPROVAL": _("A second person in the office has to agree. Nothing is taken before."),
    "SCHEDULED": _("This payment is planned. You can still cancel it."),
    "BATCHED": _("This payment is in line for our next file to the bank. You can still cancel it."),
    "SENT": _("We sent this payment to the bank. It can no longer be canceled."),
    "ACCEPTED": _("The bank accepted this payment and is taking the money from your account."),
    "SETTLED": _("Your bank sent the money. It can still come back for a few banking days."),
    "CLEARED": _(
        "Your bank sent the money, and the usual days for payments to come back are over."
    ),
    "RETURNED": _("Your bank sent this payment back, so what it was for is open again."),
    "RETRY": _("Your bank sent this payment back. We will try the same amount once more."),
    "REJECTED": _("The bank did not take this payment. No money left your account."),
    "CANCELLED": _("This payment was canceled. No money left your account."),
    "REVERSED": _("We took this payment back. The money returns to your account."),
}
SAID: dict[str, Promise] = SENTENCES | {
    FROZEN: _(
        "This payment is in our file to the bank, which is closed. It can no longer be canceled."
    ),
}
STEPS: dict[str, Promise] = {
    "MADE": _("Payment asked for"),
    "HELD": _("Put on hold"),
    "AWAITING_APPROVAL": _("Waiting for a second look"),
    "SCHEDULED": _("Looked at and planned"),
    "RETRY": _("Planned for another try"),
    "SENT": _("Sent to the bank"),
    "ACCEPTED": _("Accepted by the bank"),
    "SETTLED": _("Paid"),
    "CLEARED": _("Cleared"),
    "RETURNED": _("Returned by your bank"),
    "REJECTED": _("Not taken by the bank"),
    "CANCELLED": _("Canceled"),
    "REVERSED": _("Taken back by us"),
}
PURPOSES: dict[str, Promise] = {
    "RENT": _("Rent"),
    "FEE": _("Fees"),
    "DEPOSIT": _("Security deposit"),
}


def look_of(payment: Payment) -> str:
    """The status of its badge: a payment planned again after a return says so."""
    return RETRY if payment.retries and payment.status in PLANNED else payment.status
