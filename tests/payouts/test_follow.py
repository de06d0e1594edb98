"""What becomes of the payments, seen by the timetable."""

import pytest

from housing_ach.audit.models import Event
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import block_account
from housing_ach.mandates.states import VerificationStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.services import cancel
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import fail_returned, follow_micro_deposits
from housing_ach.payouts.states import FailedWhy, MicroDepositStatus
from housing_ach.payouts.tasks import follow_micro_deposits as task
from tests.factories import AT, UserFactory
from tests.payouts.story import (
    LAST_DAY,
    TOO_LATE,
    amounts,
    arrived,
    become,
    start,
    tell,
    waiting,
)

pytestmark = pytest.mark.django_db


def status() -> str:
    return MicroDeposits.objects.get().status


def one(deposits: MicroDeposits, status: PaymentStatus) -> None:
    Payment.objects.filter(pk=deposits.order.payments.first().pk).update(status=status)


def test_they_are_sent_when_both_are():
    deposits = start(waiting())
    one(deposits, PaymentStatus.SENT)
    follow_micro_deposits(at=AT)
    assert status() == MicroDepositStatus.UNSENT

    become(deposits, PaymentStatus.ACCEPTED)
    follow_micro_deposits(at=AT)

    assert status() == MicroDepositStatus.SENT


def test_they_have_arrived_when_both_have():
    deposits = start(waiting())
    become(deposits, PaymentStatus.SENT)
    one(deposits, PaymentStatus.SETTLED)
    follow_micro_deposits(at=AT)
    assert status() == MicroDepositStatus.SENT

    become(deposits, PaymentStatus.CLEARED)
    follow_micro_deposits(at=AT)

    assert status() == MicroDepositStatus.AWAITING_INPUT


def test_looking_again_tells_nothing_twice():
    arrived(waiting())
    before = Event.objects.count()

    follow_micro_deposits(at=AT)

    assert Event.objects.count() == before


def test_they_wait_ten_days_for_their_amounts():
    arrived(waiting())

    follow_micro_deposits(at=LAST_DAY)
    assert status() == MicroDepositStatus.AWAITING_INPUT

    follow_micro_deposits(at=TOO_LATE)
    assert status() == MicroDepositStatus.EXPIRED
    assert BankAccount.objects.get().verification == VerificationStatus.FAILED


def test_those_told_in_time_never_expire():
    deposits = arrived(waiting())
    tell(deposits, amounts(deposits))

    follow_micro_deposits(at=TOO_LATE)

    assert status() == MicroDepositStatus.VERIFIED


def test_one_that_is_cancelled_stops_the_other():
    deposits = start(waiting())
    stopped, other = deposits.order.payments.all()
    cancel(stopped, by=UserFactory(), reason="asked by phone", at=AT)

    follow_micro_deposits(at=AT)

    other.refresh_from_db()
    deposits.refresh_from_db()
    assert other.status == PaymentStatus.CANCELLED
    assert (deposits.status, deposits.failed_why) == ("FAILED", FailedWhy.STOPPED)
    assert BankAccount.objects.get().verification == VerificationStatus.FAILED


def test_those_our_bank_rejects_fail():
    deposits = start(waiting())
    become(deposits, PaymentStatus.REJECTED)

    follow_micro_deposits(at=AT)

    deposits.refresh_from_db()
    assert (deposits.status, deposits.failed_why) == ("FAILED", FailedWhy.NOT_TAKEN)


@pytest.mark.parametrize(
    ("code", "why"),
    [("R02", FailedWhy.CLOSED), ("R03", FailedWhy.NOT_FOUND), ("R23", FailedWhy.SENT_BACK)],
)
def test_one_that_comes_back_says_why(code, why):
    deposits = arrived(waiting())

    fail_returned(deposits.order.payments.first(), code=code, at=AT)

    deposits.refresh_from_db()
    assert (deposits.status, deposits.failed_why) == ("FAILED", why)


def test_one_that_comes_back_late_ends_what_was_verified():
    deposits = arrived(waiting())
    tell(deposits, amounts(deposits))

    fail_returned(deposits.order.payments.first(), code="R03", at=AT)

    assert status() == MicroDepositStatus.FAILED


def test_others_are_left_alone():
    failing, other = start(waiting()), start(waiting())
    become(failing, PaymentStatus.REJECTED)

    follow_micro_deposits(at=AT)

    other.refresh_from_db()
    assert other.status == MicroDepositStatus.UNSENT
    assert set(other.order.payments.values_list("status", flat=True)) == {"SCHEDULED"}


def test_held_ones_wait_for_a_person():
    deposits = start(waiting())
    block_account(deposits.bank_account, "R16")
    become(deposits, PaymentStatus.HELD)

    follow_micro_deposits(at=AT)

    assert status() == MicroDepositStatus.UNSENT


def test_the_timetable_looks_by_the_business_clock():
    become(start(waiting()), PaymentStatus.SENT)

    task()

    assert status() == MicroDepositStatus.SENT
