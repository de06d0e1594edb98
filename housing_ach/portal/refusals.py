"""A refusal of the core, said to the person who pays."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.mandates.services import AccountNotOpen, MandateInactive, NotVerified
from housing_ach.payments.services import (
    DateNotAllowed,
    DuplicatePayment,
    NothingOpen,
    OverLimit,
    PartNotAllowed,
)
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.services import NotLive

ACCOUNT = _("Payments from this bank account are not possible now. Choose another one.")
SAID: dict[type[Refusal], tuple[str, Promise]] = {
    NotLive: ("", _("Online payments are not open for your home yet. Ask your office.")),
    NothingOpen: ("amount", _("That is more than is open now. Your balance has changed.")),
    PartNotAllowed: ("amount", _("Your office takes a larger part of the balance at a time.")),
    DateNotAllowed: ("on", _("That day has passed. Choose a day from today on.")),
    OverLimit: (
        "amount",
        _("That is more than can be paid online in one go. Pay less, or ask your office."),
    ),
    DuplicatePayment: (
        "",
        _("You asked for the same payment a moment ago, or one is on its way. Please look again."),
    ),
    AccountNotOpen: ("account", ACCOUNT),
    NotVerified: ("account", ACCOUNT),
    MandateInactive: ("account", ACCOUNT),
}
OTHERWISE = _("This payment is not possible now. Nothing was taken. Ask your office.")


def said(refusal: Refusal) -> tuple[str, Promise]:
    """The field it is about, and a sentence."""
    for kind, told in SAID.items():
        if isinstance(refusal, kind):
            return told
    return "", OTHERWISE
