"""All that is known of one payment, in a fixed number of queries."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, Prefetch, Q, QuerySet, Value, When
from django.db.models import Case as Either

from housing_ach.batches.models import Batch, Entry
from housing_ach.cases.models import Case
from housing_ach.cases.words import kind_words
from housing_ach.desk.case_subjects import PAYMENT
from housing_ach.desk.history import history
from housing_ach.ledger.models import Transfer
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import can_cancel, dates_of, notice_of, untold
from housing_ach.payments.states import PaymentStatus, Purpose
from housing_ach.returns.models import Return
from housing_ach.users.models import User

NAMED = (
    "order",
    "fund__company__profile",
    "tenant",
    "lease__unit__property",
    "mandate",
    "bank_account",
    *("made_by", "approved_by", "released_by"),
)
NOT_HELD_YET = (PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED, PaymentStatus.BATCHED)
PLANNED = (PaymentStatus.SCHEDULED, PaymentStatus.BATCHED)
# What the books do once for each entry, by the end of its reference.
STEPS = ("sent", "rejected", "returned", "charged")
# Empty where the amount proves whose account it is.
SHOWN_CENTS = Either(
    When(purpose=Purpose.MICRO_DEPOSIT, then=Value(None)),
    default=F("cents"),
    output_field=BigIntegerField(),
)


class Attempt(NamedTuple):
    entry: Entry
    returns: Sequence[Return]
    may_open: bool


class Offers(NamedTuple):
    """What the payment's state allows; who may do it is another matter."""

    approve: bool
    hold: bool
    release: bool
    cancel: bool
    tell: bool

    @property
    def decide(self) -> bool:
        return self.hold or self.release or self.cancel


def listed_payments(user: User) -> QuerySet[Payment]:
    """As a table shows them."""
    rows = Payment.objects.visible_to(user).select_related("tenant", "lease__unit__property")
    return rows.annotate(shown_cents=SHOWN_CENTS)


def payments_of(user: User) -> QuerySet[Payment]:
    rows = Payment.objects.visible_to(user).select_related(*NAMED)
    return rows.prefetch_related("fund__company__profile__windows")


def look_of(payment: Payment) -> str:
    """Planned again after it came back is a state of its own to whoever looks."""
    return "RETRY" if payment.retries and payment.status in PLANNED else payment.status


def offers(payment: Payment) -> Offers:
    is_held = payment.status == PaymentStatus.HELD
    return Offers(
        approve=payment.status == PaymentStatus.AWAITING_APPROVAL,
        hold=payment.status in NOT_HELD_YET,
        release=is_held,
        cancel=can_cancel(payment).ok,
        tell=is_held and bool(untold([payment.pk], on=payment.effective_on)),
    )


def facts_of(payment: Payment, *, user: User) -> dict[str, Any]:
    """The cents of micro-deposits prove whose an account is: nobody reads them here, nor their books."""
    hidden = payment.purpose == Purpose.MICRO_DEPOSIT
    tried = _attempts(payment, user)
    return {
        "payment": payment,
        "look": look_of(payment),
        "hidden": hidden,
        "dates": dates_of(payment, payment.fund.company.profile),
        "can": can_cancel(payment),
        "notice": notice_of(payment),
        "attempts": tried,
        "targets": payment.targets.select_related("share__charge").order_by("pk"),
        "allocations": payment.allocations.select_related("share__charge", "release").order_by(
            "pk"
        ),
        "ledger": [] if hidden else _ledger(payment, [row.entry for row in tried]),
        "cases": [(case, kind_words(case.kind)) for case in _cases(payment)],
        "history": history([(PAYMENT, payment.pk)]),
    }


def _cases(payment: Payment) -> QuerySet[Case]:
    return Case.objects.filter(subject=PAYMENT, subject_id=str(payment.pk)).order_by("-pk")


def _attempts(payment: Payment, user: User) -> list[Attempt]:
    entries = list(
        payment.entries.select_related("batch__file")
        .defer("batch__file__masked")
        .prefetch_related(Prefetch("returns", Return.objects.order_by("pk")))
        .order_by("pk")
    )
    shown = Batch.objects.visible_to(user).filter(pk__in=[row.batch_id for row in entries])
    may_open = set(shown.values_list("pk", flat=True))
    return [Attempt(row, list(row.returns.all()), row.batch_id in may_open) for row in entries]


def _ledger(payment: Payment, entries: Sequence[Entry]) -> list[Transfer]:
    """What was posted about the payment itself, and about its entries in their batches' journals."""
    references = [f"entry:{entry.pk}:{step}" for entry in entries for step in STEPS]
    about = Q(journal__subject=PAYMENT, journal__subject_id=str(payment.pk))
    rows = Transfer.objects.select_related("journal", "debit", "credit")
    found = [*rows.filter(about), *rows.filter(reference__in=references)]
    return sorted(found, key=lambda row: (row.journal.effective_on, row.pk))
