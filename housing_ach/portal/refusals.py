"""A refusal of the core, said to the person who pays."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from housing_ach.bank.services import SandboxInLiveMode
from housing_ach.mandates.services import (
    AccountKnown,
    AccountNotOpen,
    BadAccountNumber,
    BadHolder,
    BadPlan,
    BadRouting,
    MandateInactive,
    NothingToResume,
    NotPlannable,
    NotVerified,
    PlanEnded,
    PlanExists,
)
from housing_ach.payments.services import (
    AccountInUse,
    DateNotAllowed,
    DuplicatePayment,
    NothingOpen,
    OverLimit,
    PartNotAllowed,
)
from housing_ach.payouts.services import (
    AlreadyVerified,
    BadAmounts,
    MicroDepositsExpired,
    NotAwaitingAmounts,
    TooManyStarts,
    WrongAmounts,
)
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.services import NotLive, NotOffered

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
    BadRouting: ("routing", _("That routing number is not valid. Check the nine digits.")),
    SandboxInLiveMode: (
        "routing",
        _("That routing number belongs to no bank. Check the nine digits."),
    ),
    BadAccountNumber: (
        "account_number",
        _("An account number has 4 to 17 digits. Look at a check or your bank's app."),
    ),
    BadHolder: ("holder_name", _("Enter the name on the account, 80 letters at most.")),
    AccountKnown: (
        "account_number",
        _("You have added this account already. Choose it from your accounts."),
    ),
    AccountInUse: (
        "",
        _(
            "Autopay uses this account, or a payment from it is on its way. Wait, or change that first."
        ),
    ),
    NotOffered: ("verify_by", _("Your office does not offer this way any more. Choose another.")),
    TooManyStarts: (
        "",
        _("We sent deposits to this account three times this month. Try again in 30 days."),
    ),
    AlreadyVerified: ("", _("This account is verified already. You need not do anything.")),
    BadAmounts: ("", _("Each deposit is between 1 and 99 cents. No try was used up.")),
    NotAwaitingAmounts: (
        "",
        _("We do not wait for amounts of this account now. See below how things are."),
    ),
    MicroDepositsExpired: ("", _("The time to tell the amounts is over. Ask for new deposits.")),
    PlanExists: ("", _("Autopay is on for this home already. You can change it in place.")),
    PlanEnded: ("", _("This autopay has ended. Set up a new one.")),
    BadPlan: ("", _("These choices do not fit together. Look at each step again.")),
    NotPlannable: ("", _("The permission is not in force any more. Sign a new one.")),
    NothingToResume: ("", _("Nothing is paused any more. Autopay runs as planned.")),
}
OTHERWISE = _("This is not possible now. Nothing was changed. Ask your office.")


def said(refusal: Refusal) -> tuple[str, str | Promise]:
    """The field it is about, and a sentence."""
    if isinstance(refusal, WrongAmounts):
        return "", _tries_left(refusal.tries_left)
    for kind, told in SAID.items():
        if isinstance(refusal, kind):
            return told
    return "", OTHERWISE


def tell(form: forms.BaseForm, refusal: Refusal) -> None:
    """At its field, where the form asks for it."""
    form.is_valid()
    field, sentence = said(refusal)
    form.add_error(field if field in form.fields else None, str(sentence))


class Untold(forms.Form):
    """Nothing is asked: only what was refused is to be said."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__({})
        tell(self, refusal)


def _tries_left(count: int) -> str:
    if not count:
        return str(_("These are not the amounts, and that was the last try. Ask for new deposits."))
    return ngettext(
        "These are not the amounts. You have %(count)s more try.",
        "These are not the amounts. You have %(count)s more tries.",
        count,
    ) % {"count": count}
