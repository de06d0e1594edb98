"""One order as its payer sees it: every debit it became, and what each of them paid."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from housing_ach.batches.models import Entry
from housing_ach.batches.states import PUBLISHED_ENTRY
from housing_ach.payments.models import Allocation, Order, Payment, PaymentTarget
from housing_ach.payments.states import IN_FLIGHT, Direction, PaymentStatus
from housing_ach.returns.models import Return
from housing_ach.returns.plain_words import plain_words
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.problems import Refusal

SETTLED = (PaymentStatus.SETTLED, PaymentStatus.CLEARED)
PAID, PENDING, PARTLY = "PAID", "PENDING", "PARTLY"


class NoReceipt(Refusal):
    """The order takes nothing from anybody."""


class PaidLine(NamedTuple):
    """What some cents are for; without a charge they are kept ahead."""

    charge_kind: str | None
    period_on: date | None
    cents: int


@dataclass(frozen=True)
class Debit:
    """One line of the payer's bank statement. `came_back` is the last return, also before a retry."""

    payment_id: int
    payee: str
    cents: int
    status: str
    effective_on: date
    settled_on: date | None
    trace: str
    came_back_on: date | None
    came_back_code: str
    came_back_words: str
    lines: list[PaidLine]


@dataclass(frozen=True)
class Receipt:
    """`word` is PENDING, PAID or PARTLY (some of each), or the status that all debits share."""

    order_id: int
    kind: str
    cents: int
    made_at: datetime
    tenant: str
    unit: str
    property: str
    address: str
    account_type: str
    last_four: str
    word: str
    settled_on: date | None
    debits: list[Debit]


def receipt(order: Order) -> Receipt:
    """In a fixed number of questions. Raises NoReceipt for prenotes and credits."""
    payments = list(
        order.payments.filter(direction=Direction.DEBIT, cents__gt=0)
        .select_related("fund__company", "bank_account")
        .order_by("pk")
    )
    if not payments:
        raise NoReceipt(f"order {order.pk}: takes no money, so there is no receipt", field="order")
    account, home = payments[0].bank_account, order.lease.unit.property
    debits = _debits(payments)
    return Receipt(
        order_id=order.pk,
        kind=order.kind,
        cents=sum(payment.cents for payment in payments),
        made_at=order.made_at,
        tenant=order.tenant.name,
        unit=order.lease.unit.name,
        property=home.name,
        address=home.address,
        account_type=account.account_type if account else "",
        last_four=account.last_four if account else "",
        word=_word({payment.status for payment in payments}),
        settled_on=max((debit.settled_on for debit in debits if debit.settled_on), default=None),
        debits=debits,
    )


def _word(statuses: set[str]) -> str:
    words = {PENDING if status in IN_FLIGHT else status for status in statuses}
    words = {PAID if word in SETTLED else word for word in words}
    return words.pop() if len(words) == 1 else PARTLY


def _debits(payments: list[Payment]) -> list[Debit]:
    ids = [payment.pk for payment in payments]
    entries = {
        entry.payment_id: entry
        for entry in Entry.objects.filter(payment__in=ids, status__in=PUBLISHED_ENTRY).order_by(
            "pk"
        )
    }
    returns = {
        found.entry.payment_id: found
        for found in Return.objects.filter(entry__payment__in=ids, kind=ReturnKind.RETURN)
        .select_related("entry")
        .order_by("pk")
        if found.entry
    }
    lines = _lines(payments)
    return [
        _debit(payment, entries.get(payment.pk), returns.get(payment.pk), lines[payment.pk])
        for payment in payments
    ]


def _debit(
    payment: Payment, entry: Entry | None, came_back: Return | None, lines: list[PaidLine]
) -> Debit:
    settled = payment.status in SETTLED
    told = came_back is not None and not settled
    return Debit(
        payment_id=payment.pk,
        payee=payment.fund.company.name,
        cents=payment.cents,
        status=payment.status,
        effective_on=payment.effective_on,
        settled_on=entry.settled_on if entry and settled else None,
        trace=entry.trace if entry else "",
        came_back_on=came_back.banking_on if came_back and told else None,
        came_back_code=came_back.code if came_back and told else "",
        came_back_words=str(plain_words(came_back.code).title) if came_back and told else "",
        lines=lines,
    )


def _lines(payments: list[Payment]) -> defaultdict[int, list[PaidLine]]:
    """Where settled cents are; for the others what they were asked for, the rest kept ahead."""
    settled = [payment.pk for payment in payments if payment.status in SETTLED]
    asked = [payment for payment in payments if payment.status not in SETTLED]
    charge = ("payment_id", "share__charge__kind", "share__charge__period_on", "cents")
    places = Allocation.objects.live().filter(payment__in=settled)
    targets = PaymentTarget.objects.filter(payment__in=asked)
    lines: defaultdict[int, list[PaidLine]] = defaultdict(list)
    for rows in (places, targets):
        for payment_id, *line in rows.order_by("pk").values_list(*charge):
            lines[payment_id].append(PaidLine(*line))
    for payment in asked:
        rest = payment.cents - sum(line.cents for line in lines[payment.pk])
        if rest:
            lines[payment.pk].append(PaidLine(None, None, rest))
    return lines
