"""What a person can do about an exception: one map from its kind to the services that exist.

What is offered is looked at again when it is done: the map says what fits a kind, `fits` whether what
the case is about still stands so, and the service has the last word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.batches.services import confirm_lost, confirm_published
from housing_ach.batches.states import FileStatus
from housing_ach.cases import services
from housing_ach.cases.models import Case
from housing_ach.cases.services import CaseIsClosed
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.desk.case_subjects import FILE, PAYMENT, file_of, payment_of
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import can_cancel
from housing_ach.payments.services import (
    can_be_retried,
    cancel,
    plan_retry,
    release,
    reschedule_for_notice,
)
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.business_days import is_banking_day
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User


class NotOffered(Refusal):
    """What the case is about does not stand so (any more) that this could be done."""


class NoDay(Refusal):
    """Another attempt is for a banking day the next file still reaches."""


@dataclass(frozen=True)
class Said:
    by: User
    at: datetime
    words: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Action:
    """`ask` is the question before what cannot be taken back; `takes_day` says that a day is named."""

    name: str
    label: Promise
    done: Promise
    act: Callable[[Case, Said], None]
    fits: Callable[[Case], bool]
    ask: Promise | str = ""
    is_danger: bool = False
    takes_day: bool = False


def _payment(case: Case) -> Payment:
    payment = payment_of(case)
    if payment is None:
        raise NotOffered(f"case: #{case.pk} is about no payment", field="case", ids=[case.pk])
    return payment


def _release(case: Case, said: Said) -> None:
    release(_payment(case), by=said.by, reason=said.words, at=said.at)


def _cancel(case: Case, said: Said) -> None:
    cancel(_payment(case), by=said.by, reason=said.words, at=said.at)


def _retry(case: Case, said: Said) -> None:
    payment = _payment(case)
    first = soonest_effective_date(payment.fund.company.profile, said.at)
    if said.day is None or said.day < first or not is_banking_day(said.day):
        raise NoDay(f"Choose a banking day from {first:%b} {first.day} on.", field="day")
    words = f"Retry planned for {said.day}: {said.words}"
    services.resolve(case, by=said.by, resolution=words[: services.TEXT], at=said.at)
    plan_retry(payment, effective_on=said.day, at=said.at)


def _tell(case: Case, said: Said) -> None:
    reschedule_for_notice(_payment(case), by=said.by, at=said.at)
    if said.words:
        services.note(case, said.words)


def _confirm_published(case: Case, said: Said) -> None:
    services.note(case, said.words)
    if file := file_of(case):
        confirm_published(file, at=said.at)


def _confirm_lost(case: Case, said: Said) -> None:
    services.note(case, said.words)
    if file := file_of(case):
        confirm_lost(file, at=said.at)


def _resolve(case: Case, said: Said) -> None:
    services.resolve(case, by=said.by, resolution=said.words, at=said.at)


def _note(case: Case, said: Said) -> None:
    services.note(case, said.words)


def _is_held(case: Case) -> bool:
    rows = Payment.objects.filter(status=PaymentStatus.HELD)
    return case.subject == PAYMENT and rows.filter(pk=case.subject_id).exists()


def _can_be_retried(case: Case) -> bool:
    payment = payment_of(case)
    return payment is not None and can_be_retried(payment)


def _can_be_cancelled(case: Case) -> bool:
    payment = payment_of(case)
    return payment is not None and can_cancel(payment).ok


def _file_is_held(case: Case) -> bool:
    file = file_of(case) if case.subject == FILE else None
    return file is not None and file.status == FileStatus.HELD


def _is_left_to_words(case: Case) -> bool:
    """A payment or file that is still held would be forgotten without its case."""
    return not _is_held(case) and not _file_is_held(case)


RELEASE = Action(
    "release",
    _("Release"),
    _("Released: it goes on as planned."),
    _release,
    _is_held,
)
CANCEL = Action(
    "cancel",
    _("Cancel the payment"),
    _("The payment is canceled."),
    _cancel,
    _can_be_cancelled,
    ask=_("The payment is stopped for good. What it was for stays open on the tenant's account."),
    is_danger=True,
)
RETRY = Action(
    "retry",
    _("Schedule retry"),
    _("The retry is planned."),
    _retry,
    _can_be_retried,
    takes_day=True,
)
TELL = Action(
    "tell",
    _("Send the notice and move the debit"),
    _("The notice is on its way; the debit moved to the first day that can still be told in time."),
    _tell,
    _is_held,
)
PUBLISHED = Action(
    "published",
    _("The bank has the file"),
    _("The file is posted as sent."),
    _confirm_published,
    _file_is_held,
    ask=_("Every payment in the file is posted as sent. Say so only once the bank has told you."),
)
LOST = Action(
    "lost",
    _("The bank never had it"),
    _("The file is void; its payments are planned anew."),
    _confirm_lost,
    _file_is_held,
    ask=_(
        "The file becomes void and its payments are sent again in another one. If the bank has it"
        " after all, tenants are debited twice."
    ),
    is_danger=True,
)
RESOLVE = Action(
    "resolve", _("Mark resolved"), _("The exception is resolved."), _resolve, _is_left_to_words
)
NOTE = Action("note", _("Add a note"), _("The note is kept."), _note, lambda _case: True)

HELD = (RELEASE, CANCEL)
ACTIONS: Mapping[str, tuple[Action, ...]] = {
    CaseKind.LIMIT: HELD,
    CaseKind.DUPLICATE: HELD,
    CaseKind.MANDATE: HELD,
    CaseKind.NOTICE_REQUIRED: (TELL, *HELD),
    CaseKind.HOLD: HELD,
    CaseKind.ENTRY_EJECTED: HELD,
    CaseKind.RETURNED: (RETRY,),
    CaseKind.FILE_HELD: (PUBLISHED, LOST),
}
ALWAYS = (RESOLVE, NOTE)


def actions_of(case: Case) -> list[Action]:
    """What can be done now, the likeliest first."""
    if case.status != CaseStatus.OPEN:
        return []
    return [action for action in (*ACTIONS.get(case.kind, ()), *ALWAYS) if action.fits(case)]


@transaction.atomic
def act(pk: int, name: str, said: Said) -> Action:
    """Raises CaseIsClosed, NotOffered, and what the service refuses with."""
    case = Case.objects.select_for_update().get(pk=pk)
    if case.status != CaseStatus.OPEN:
        raise CaseIsClosed(f"case: #{pk} is resolved", field="case", ids=[pk])
    found = [action for action in actions_of(case) if action.name == name]
    if not found:
        raise NotOffered(f"case: #{pk} does not take {name!r} now", field="case", ids=[pk])
    found[0].act(case, said)
    return found[0]
