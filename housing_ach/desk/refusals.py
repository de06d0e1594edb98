"""A refusal of the core, said to the clerk who asked."""

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
from housing_ach.payments.services import NoReason, NoticeRequired, SamePerson, TooLate
from housing_ach.shared.problems import Refusal
from housing_ach.shared.templatetags.ui import status_words

SAID: dict[type[Refusal], Promise] = {
    SamePerson: later("You asked for this payment, so somebody else has to decide about it."),
    NoReason: later("Say why, in a sentence of up to 200 characters."),
    TooLate: later("The payment is in a file to the bank and cannot be stopped any more."),
    MandateInactive: later("The tenant's authorization is not in force. Ask for a new one."),
    AccountNotOpen: later("The bank account is closed or blocked. Ask for another one."),
    NotVerified: later("The bank account is not verified yet."),
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


def _standing(case: Case) -> str:
    if case.resolved_by and case.resolved_at:
        facts = {"who": case.resolved_by.name, "at": newyork(case.resolved_at)}
        return _("%(who)s resolved this exception on %(at)s. Nothing was changed now.") % facts
    payment = payment_of(case)
    if payment is None:
        return _("That is not possible any more. Nothing was changed.")
    status = status_words(payment.status)
    return _("Nothing was changed: the payment is now “%(status)s”.") % {"status": status}
