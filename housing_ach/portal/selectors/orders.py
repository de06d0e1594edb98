"""One order as its page tells it: each debit, its dates, and what happened to it so far."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from housing_ach.audit.models import Event
from housing_ach.batches.models import Entry
from housing_ach.batches.states import PUBLISHED_ENTRY
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors import CanCancel, can_cancel_all
from housing_ach.payments.states import IN_FLIGHT, PaymentStatus
from housing_ach.portal.selectors.debits import Debit, debits_of
from housing_ach.portal.words import FROZEN, RETRY, look_of
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind

PAYMENT = Payment._meta.label_lower
_S = PaymentStatus
# Joining a batch is our own affair; what left it again is planned as before.
OUR_OWN = {_S.BATCHED}
ENDED = {_S.RETURNED, _S.REJECTED, _S.CANCELLED, _S.REVERSED}
MADE = "MADE"


class Step(NamedTuple):
    """What happened or is expected, `at` an instant (UTC) or `on` a banking day; `by`: a cut-off."""

    name: str
    happened: bool = False
    at: datetime | None = None
    on: date | None = None
    by: datetime | None = None
    is_current: bool = False


class DebitStory(NamedTuple):
    """`came_back` is the last return; a retry is planned where the look says so."""

    debit: Debit
    look: str
    can: CanCancel
    steps: tuple[Step, ...]
    came_back: Return | None

    @property
    def said(self) -> str:
        """A payment in a closed file is in line as before, and can be stopped no more."""
        return FROZEN if self.look == _S.BATCHED and not self.can.ok else self.look

    @property
    def is_over(self) -> bool:
        """Neither counts as paid nor clears any more."""
        return self.look in ENDED

    @property
    def is_back(self) -> bool:
        return self.look in {RETRY, _S.RETURNED}


def stories_of(order: Order) -> list[DebitStory]:
    debits = debits_of(order)
    payments = [debit.payment for debit in debits]
    events, attempts = _events(payments), _attempts(payments)
    returns, can = _returns(payments), can_cancel_all(payments)
    return [
        DebitStory(
            debit,
            look_of(debit.payment),
            can[debit.payment.pk],
            tuple(_steps(debit, events[debit.payment.pk], attempts[debit.payment.pk])),
            returns.get(debit.payment.pk),
        )
        for debit in debits
    ]


def _events(payments: Sequence[Payment]) -> defaultdict[int, list[Event]]:
    rows = Event.objects.filter(
        subject=PAYMENT, subject_id__in=[str(payment.pk) for payment in payments]
    ).exclude(became="")
    found: defaultdict[int, list[Event]] = defaultdict(list)
    for event in rows.order_by("pk"):
        found[int(event.subject_id)].append(event)
    return found


def _returns(payments: Sequence[Payment]) -> dict[int, Return]:
    rows = Return.objects.filter(entry__payment__in=payments, kind=ReturnKind.RETURN)
    by_payment = {}
    for found in rows.select_related("entry").order_by("pk"):
        if found.entry and found.entry.payment_id:
            by_payment[found.entry.payment_id] = found
    return by_payment


def _attempts(payments: Sequence[Payment]) -> defaultdict[int, list[Entry]]:
    """Each payment's entries that went to the bank, the first attempt first."""
    rows = Entry.objects.filter(payment__in=payments, status__in=PUBLISHED_ENTRY)
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in rows.select_related("batch__file").order_by("pk"):
        if entry.payment_id:
            found[entry.payment_id].append(entry)
    return found


def _steps(debit: Debit, events: Sequence[Event], attempts: Sequence[Entry]) -> list[Step]:
    happened: list[Step] = []
    sent = 0
    for event in events:
        if name := _name(event, first=not happened):
            sent += name == _S.SENT
            entry = attempts[sent - 1] if 0 < sent <= len(attempts) else None
            happened.append(_dated(Step(name, happened=True), event, debit, entry))
    if happened:
        is_moving = debit.payment.status not in {_S.CLEARED, _S.CANCELLED, _S.REJECTED}
        happened[-1] = happened[-1]._replace(is_current=is_moving)
    return happened + _expected(debit)


def _dated(step: Step, event: Event, debit: Debit, entry: Entry | None) -> Step:
    """By the bank's own dates where it has any, else when we wrote it down."""
    file = entry.batch.file if entry else None
    known: dict[str, datetime | date | None] = {
        MADE: debit.payment.made_at,
        _S.SENT: file.published_at if file else None,
        _S.ACCEPTED: file.acknowledged_at if file else None,
        _S.SETTLED: entry.settled_on if entry else None,
        _S.CLEARED: debit.dates.clears_on,
        _S.RETURNED: entry.returned_on if entry else None,
        RETRY: entry.returned_on if entry else None,
    }
    when = known.get(step.name) or event.at
    return step._replace(at=when) if isinstance(when, datetime) else step._replace(on=when)


def _name(event: Event, *, first: bool) -> str:
    if first:
        return MADE
    if event.became in OUR_OWN or (event.was, event.became) == (_S.BATCHED, _S.SCHEDULED):
        return ""
    if (event.was, event.became) == (_S.RETURNED, _S.SCHEDULED):
        return RETRY
    return event.became


def _expected(debit: Debit) -> list[Step]:
    """What a payment on its way still has before it, as planned."""
    status, dates = debit.payment.status, debit.dates
    steps = []
    if status in IN_FLIGHT:
        if status not in {_S.SENT, _S.ACCEPTED}:
            steps.append(Step(_S.SENT, by=dates.cut_off_at))
        steps.append(Step(_S.SETTLED, on=dates.settles_on))
    if status in {*IN_FLIGHT, _S.SETTLED}:
        steps.append(Step(_S.CLEARED, on=dates.clears_on))
    return steps
