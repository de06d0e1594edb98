"""What a program asks to become of a payment, in the sandbox alone."""

from datetime import date, datetime, timedelta

from django.conf import settings

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.batches.models import Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import dates_of
from housing_ach.payments.states import PaymentStatus, public
from housing_ach.sandbox.ahead import moments
from housing_ach.sandbox.bank import asked
from housing_ach.sandbox.bank.bank import SETTLES_AT
from housing_ach.sandbox.month import tasks
from housing_ach.shared.business_days import new_york_at
from housing_ach.shared.problems import Refusal

UNDER_WAY = (PaymentStatus.SENT, PaymentStatus.ACCEPTED)
TO_COME = (PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED, PaymentStatus.BATCHED)
WITH_BANK = (EntryStatus.SENT, EntryStatus.ACCEPTED, EntryStatus.SETTLED)
(READING,) = tasks("batches.receive_files")
# Files are read every day.
SOON = timedelta(days=2)


class NothingToSettle(Refusal):
    """The payment waits for a person, or is at an end."""


class NotWithBank(Refusal):
    """There is nothing the bank could return or correct."""


class NotTheSandbox(Refusal):
    """A real bank says what it says."""


def settled_at(payment: Payment, *, at: datetime) -> datetime:
    """When its settlement will have been read, as planned by now. Raises NothingToSettle."""
    profile = payment.fund.company.profile
    on = dates_of(payment, profile).settles_on
    if payment.status in TO_COME:
        on = max(on, soonest_effective_date(profile, at))
    elif payment.status not in UNDER_WAY:
        raise NothingToSettle(f"payment: {_why_not(payment)}", field="payment")
    since = max(at, new_york_at(on, SETTLES_AT))
    later = moments(since, since + SOON)
    return next(moment for moment, phase in later if moment > at and READING in phase.tasks)


def answer(payment: Payment, *, code: str, at: datetime) -> date:
    """Let the sandbox bank return or correct it: the banking date the file comes on.

    Raises NotTheSandbox, NotWithBank, and what the bank says (`bank.asked`).
    """
    if not payment.fund.company.profile.is_sandbox:
        raise NotTheSandbox("payment: its bank is not the sandbox bank", field="payment")
    entry = Entry.objects.filter(payment=payment).exclude(trace="").order_by("-pk").first()
    if entry is None or entry.status not in WITH_BANK:
        raise NotWithBank(f"payment: {_why_not(payment)}", field="payment")
    return asked.ask(settings.SANDBOX_BANK_DIR, trace=entry.trace, code=code, at=at)


def _why_not(payment: Payment) -> str:
    if payment.status == PaymentStatus.HELD:
        return "it is held until somebody releases it"
    if payment.status in TO_COME:
        return "the bank does not have it yet; settle it or advance the clock first"
    return f"it is {public(payment.status)} already"
