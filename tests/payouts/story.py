"""An account whose micro-deposits are on their way, have arrived, or are told."""

from datetime import UTC, date, datetime

from housing_ach.mandates.models import Mandate
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import (
    confirm_micro_deposits,
    follow_micro_deposits,
    start_micro_deposits,
)
from housing_ach.users.services import system_user
from tests.factories import AT, MandateFactory

TUESDAY = date(2026, 3, 3)
LATER = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
LAST_DAY = datetime(2026, 3, 13, 15, 0, tzinfo=UTC)
TOO_LATE = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)


def waiting(**given) -> Mandate:
    """A mandate that waits for its account."""
    return MandateFactory(
        status=MandateStatus.PENDING_VERIFICATION, bank_account__unverified=True, **given
    )


def start(mandate: Mandate, at=AT) -> MicroDeposits:
    return start_micro_deposits(
        bank_account=mandate.bank_account, lease=mandate.lease, by=system_user(), at=at
    )


def become(deposits: MicroDeposits, status: PaymentStatus, on: date = TUESDAY) -> None:
    Payment.objects.filter(order=deposits.order).update(status=status, first_settled_on=on)


def arrived(mandate: Mandate) -> MicroDeposits:
    """On Tuesday; the amounts can be told until the 13th."""
    deposits = start(mandate)
    become(deposits, PaymentStatus.SENT)
    follow_micro_deposits(at=AT)
    become(deposits, PaymentStatus.SETTLED)
    follow_micro_deposits(at=AT)
    deposits.refresh_from_db()
    return deposits


def amounts(deposits: MicroDeposits) -> tuple[int, int]:
    first, second = Payment.objects.filter(order=deposits.order).values_list("cents", flat=True)
    return first, second


def wrong(deposits: MicroDeposits) -> tuple[int, int]:
    """One of them is right."""
    first, second = amounts(deposits)
    return first, next(cents for cents in (7, 8, 9) if cents not in {first, second})


def tell(deposits: MicroDeposits, cents: tuple[int, int], at=LATER) -> MicroDeposits:
    account = deposits.bank_account
    return confirm_micro_deposits(bank_account=account, cents=cents, by=system_user(), at=at)
