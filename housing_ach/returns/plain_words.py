"""What every return code means to the person whose payment came back: no code, no banking terms.

Two or three short sentences each, for everybody (reading grade 8 at most).
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PlainWords(NamedTuple):
    """The same for many codes where the payer can do the same about them."""

    title: str | Promise
    happened: str | Promise
    next_step: str | Promise


NO_MONEY = PlainWords(
    _("There was not enough money in your account"),
    _("Your bank sent the payment back because there was not enough money in your account."),
    _("Put the money in your account and pay again, or pay another way."),
)
NOT_READY = PlainWords(
    _("Money in your account was not ready yet"),
    _("You put money in your account, but your bank had not cleared it yet."),
    _("Wait until your bank has cleared the money, or pay another way."),
)
CLOSED = PlainWords(
    _("Your bank account is closed"),
    _("Your bank told us that this account is closed. We will not use it again."),
    _("Add another bank account and pay from it."),
)
NOT_FOUND = PlainWords(
    _("Your bank could not find the account"),
    _("Your bank has no account with this number and this name. We will not use it again."),
    _("Look at a check or your bank's app, then add the account with the right name and number."),
)
WRONG_NUMBER = PlainWords(
    _("The account number is not right"),
    _("Your bank told us that the account number cannot be right. We will not use it again."),
    _("Look at a check or your bank's app, then add the account with the right number."),
)
WRONG_ROUTING = PlainWords(
    _("The routing number does not work"),
    _("Banks could not use the routing number of this account. We will not use it again."),
    _("Ask your bank for the routing number for ACH payments, then add the account again."),
)
NOT_A_BUSINESS = PlainWords(
    _("We used the wrong kind of payment"),
    _("We asked your bank for a business payment, but this is a personal account."),
    _("Sign a new permission for this account, or pay another way."),
)
ASKED_BACK = PlainWords(
    _("We asked for the payment back"),
    _("Our bank asked your bank to send this payment back. You did nothing wrong."),
    _("You need to do nothing now. We will tell you if it must be paid again."),
)
REVOKED = PlainWords(
    _("You took back your permission"),
    _("Your bank told us that we may no longer take payments from your account."),
    _("What you owe is still due. Pay another way, or sign a new permission."),
)
STOPPED = PlainWords(
    _("This payment was stopped at your bank"),
    _("You or somebody else on your account asked your bank to stop this payment."),
    _("What you owe is still due. Pay it now, or talk to us about it."),
)
NOT_AUTHORIZED = PlainWords(
    _("Your bank says you did not agree to this payment"),
    _("Your bank told us that you did not agree to it. We will not use this account again."),
    _(
        "If you did agree, sign a new permission. If you did not, call us, and we will look into it."
    ),
)
NOT_AS_AGREED = PlainWords(
    _("The payment was not what you agreed to"),
    _("Your bank told us that the amount or the day was not what you agreed to."),
    _("You need to do nothing now. We will look at it and write to you before we try again."),
)
DIED = PlainWords(
    _("The account can no longer be used"),
    _("The bank told us that a person named on this account has died. We are sorry."),
    _("Please call or write to our office when you can. We will not try again by ourselves."),
)
FROZEN = PlainWords(
    _("Your account is blocked"),
    _("Your bank told us that no money may leave this account now. We do not know why."),
    _("Talk to your bank. Until it is solved, pay another way."),
)
ODD = PlainWords(
    _("Your bank did not accept the payment"),
    _("Something about this payment looked wrong to your bank. We will not use the account again."),
    _("Talk to your bank, then tell us what it said. Until then, pay another way."),
)
OUR_MISTAKE = PlainWords(
    _("We made a mistake in this payment"),
    _("Something in our request to your bank was wrong. You did nothing wrong."),
    _("You need to do nothing now. We will correct it and tell you before we try again."),
)
NO_DEBITS = PlainWords(
    _("Payments cannot be taken from this account"),
    _("Your bank does not let us take payments from this kind of account."),
    _("Add a checking account, or pay another way."),
)
REFUSED = PlainWords(
    _("Our payment to you was not accepted"),
    _("We sent money to your account, and your bank sent it back."),
    _("Tell us how you want to be paid."),
)
TWICE = PlainWords(
    _("Your bank thinks it got this payment twice"),
    _("Your bank sent the payment back because it looked the same as another one."),
    _("You need to do nothing now. We will look at it first and then tell you."),
)
BANK = PlainWords(
    _("Your bank could not make this payment"),
    _("Your bank sent the payment back for a reason we have to look into."),
    _("What you owe is still due. Pay another way, or call us."),
)

_CODES = (
    (NO_MONEY, "R01"),
    (CLOSED, "R02"),
    (NOT_FOUND, "R03"),
    (WRONG_NUMBER, "R04"),
    (NOT_A_BUSINESS, "R05"),
    (ASKED_BACK, "R06"),
    (REVOKED, "R07"),
    (STOPPED, "R08"),
    (NOT_READY, "R09"),
    (NOT_AUTHORIZED, "R10 R29 R51"),
    (NOT_AS_AGREED, "R11"),
    (WRONG_ROUTING, "R12 R13 R28"),
    (DIED, "R14 R15"),
    (FROZEN, "R16 R90"),
    (ODD, "R17"),
    (OUR_MISTAKE, "R18 R19 R21 R22 R25 R26 R27 R35 R36"),
    (NO_DEBITS, "R20 R34"),
    (REFUSED, "R23"),
    (TWICE, "R24"),
    # Of checks, enrolments and payments abroad, which we do not make, and of agreements of banks.
    (BANK, "R30 R31 R32 R33 R37 R38 R39 R40 R41 R42 R43 R44 R45 R46 R47 R50 R52 R53"),
    (BANK, "R80 R81 R82 R83 R84 R85"),
)
PLAIN_WORDS: dict[str, PlainWords] = {
    code: words for words, codes in _CODES for code in codes.split()
}


def plain_words(code: str) -> PlainWords:
    """A code nobody knows is the bank's to explain."""
    return PLAIN_WORDS.get(code, BANK)
