"""A refusal of the core, said to the clerk who asked."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.audit.move import IllegalMove, StaleState
from housing_ach.cases.models import Case
from housing_ach.cases.services import CaseIsClosed
from housing_ach.desk.case_actions import NotOffered
from housing_ach.desk.case_subjects import payment_of
from housing_ach.desk.templatetags.money import newyork
from housing_ach.mandates.services import AccountNotOpen, MandateInactive, NotVerified
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import can_cancel
from housing_ach.payments.services import (
    ContentChanged,
    NoNoticeNeeded,
    NoReason,
    NoticeRequired,
    SamePerson,
    TooLate,
    first_debit_day,
)
from housing_ach.payments.states import Stop
from housing_ach.shared.problems import Refusal
from housing_ach.shared.templatetags.ui import status_words

SAID: dict[type[Refusal], Promise] = {
    SamePerson: later("You asked for this payment, so somebody else has to decide about it."),
    NoReason: later("Say why, in a sentence of up to 200 characters."),
    TooLate: later("The payment is in a file to the bank and cannot be stopped any more."),
    MandateInactive: later("The tenant's authorization is not in force. Ask for a new one."),
    AccountNotOpen: later("The bank account is closed or blocked. Ask for another one."),
    NotVerified: later("The bank account is not verified yet."),
    ContentChanged: later(
        "The payment is not what was asked for any more. Cancel it, and have it asked for again."
    ),
    NoNoticeNeeded: later("The payment does not wait for a notice any more."),
    NoticeRequired: later(
        "The tenant has to be told this amount and date ten days ahead. Send the notice first."
    ),
}
OVERTAKEN = (CaseIsClosed, NotOffered, StaleState, IllegalMove)


def said(problem: Refusal, case: Case) -> str:
    """`case` is read afresh: what it says is how things stand now."""
    if isinstance(problem, OVERTAKEN):
        return _standing(case)
    known = SAID.get(type(problem))
    return str(known) if known else str(problem)


def said_of(problem: Refusal, payment: Payment, *, at: datetime) -> str:
    """`payment` is read afresh, as above."""
    if isinstance(problem, StaleState | IllegalMove):
        return standing_of(payment)
    if isinstance(problem, TooLate):
        return _too_late(payment)
    known = SAID.get(type(problem))
    words = str(known) if known else str(problem)
    if isinstance(problem, NoticeRequired):
        day = first_debit_day(at)
        on = _("Told today, it can be debited from %(day)s on.") % {
            "day": f"{day:%b} {day.day}, {day.year}"
        }
        return f"{words} {on}"
    return words


def _too_late(payment: Payment) -> str:
    can = can_cancel(payment)
    if can.stop == Stop.WITH_BANK and can.cut_off_at:
        passed = _("The cut-off of its file passed on %(at)s, New York time.")
        return f"{SAID[TooLate]} {passed % {'at': newyork(can.cut_off_at)}}"
    return str(SAID[TooLate]) if can.stop == Stop.WITH_BANK else standing_of(payment)


def standing_of(payment: Payment) -> str:
    """What is said where somebody else was faster."""
    status = status_words(payment.status)
    return _("Nothing was changed: the payment is now “%(status)s”.") % {"status": status}


def _standing(case: Case) -> str:
    if case.resolved_by and case.resolved_at:
        facts = {"who": case.resolved_by.name, "at": newyork(case.resolved_at)}
        return _("%(who)s resolved this exception on %(at)s. Nothing was changed now.") % facts
    payment = payment_of(case)
    if payment is None:
        return _("That is not possible any more. Nothing was changed.")
    return standing_of(payment)
