from collections.abc import Collection

from django.db import models


class PaymentStatus(models.TextChoices):
    HELD = "HELD"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    SCHEDULED = "SCHEDULED"
    BATCHED = "BATCHED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    SETTLED = "SETTLED"
    CLEARED = "CLEARED"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    REVERSED = "REVERSED"


_S = PaymentStatus
MOVES: dict[str, frozenset[str]] = {
    _S.HELD: frozenset({_S.AWAITING_APPROVAL, _S.SCHEDULED, _S.CANCELLED}),
    _S.AWAITING_APPROVAL: frozenset({_S.SCHEDULED, _S.HELD, _S.CANCELLED}),
    _S.SCHEDULED: frozenset({_S.BATCHED, _S.HELD, _S.CANCELLED}),
    _S.BATCHED: frozenset({_S.SENT, _S.SCHEDULED, _S.HELD, _S.CANCELLED}),
    _S.SENT: frozenset({_S.ACCEPTED, _S.SETTLED, _S.RETURNED, _S.SCHEDULED, _S.HELD, _S.REJECTED}),
    _S.ACCEPTED: frozenset({_S.SETTLED, _S.RETURNED, _S.SCHEDULED, _S.HELD, _S.REJECTED}),
    _S.SETTLED: frozenset({_S.CLEARED, _S.RETURNED, _S.REVERSED}),
    _S.CLEARED: frozenset({_S.RETURNED, _S.REVERSED}),
    _S.RETURNED: frozenset({_S.SCHEDULED, _S.SETTLED}),
    _S.REJECTED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REVERSED: frozenset({_S.RETURNED, _S.SETTLED, _S.CLEARED}),
}

# Cents of these payments are on their way: a charge they aim at is not asked for again.
IN_FLIGHT = (
    _S.HELD,
    _S.AWAITING_APPROVAL,
    _S.SCHEDULED,
    _S.BATCHED,
    _S.SENT,
    _S.ACCEPTED,
)

CANCELLABLE = tuple(was for was, next_ in MOVES.items() if _S.CANCELLED in next_)

PUBLIC = {
    _S.SETTLED: "Settled",
    _S.CLEARED: "Settled",
    _S.RETURNED: "Returned",
    _S.REJECTED: "Rejected",
    _S.CANCELLED: "Cancelled",
    _S.REVERSED: "Reversed",
}


def public(status: str) -> str:
    """The word a tenant and the API see; everything not yet settled is Pending."""
    return PUBLIC.get(_S(status), "Pending")


def statuses_of(words: Collection[str]) -> list[str]:
    """The statuses behind public words."""
    return [status for status in _S if public(status) in words]


class Stop(models.TextChoices):
    """Whether a payment can still be stopped; OVER: it is at an end already."""

    OK = "OK"
    WITH_BANK = "WITH_BANK"
    OVER = "OVER"


class Direction(models.TextChoices):
    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


class Method(models.TextChoices):
    ACH = "ACH"
    CHEQUE = "CHEQUE"
    CASH = "CASH"
    WIRE = "WIRE"
    BOOK = "BOOK"


class Purpose(models.TextChoices):
    """What a payment is for; its value is the company entry description of its batch."""

    RENT = "RENT"
    FEE = "FEE"
    DEPOSIT = "DEPOSIT"
    PRENOTE = "PRENOTE"
    REVERSAL = "REVERSAL"
    # The description Nacha demands of micro-entries.
    MICRO_DEPOSIT = "ACCTVERIFY", "Micro-deposit"


class OrderKind(models.TextChoices):
    AUTOPAY = "AUTOPAY"
    ONE_TIME = "ONE_TIME"
    PRENOTE = "PRENOTE"
    MICRO_DEPOSIT = "MICRO", "Micro-deposits"


class Freed(models.TextChoices):
    """Why an allocation stopped counting."""

    APPLIED = "APPLIED"
    RETURNED = "RETURNED"


class Source(models.TextChoices):
    """Which way a program's request came."""

    API = "API"
    FILE = "FILE"
