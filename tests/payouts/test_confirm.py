import pytest
from django.db import IntegrityError, transaction

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import AccountNotOpen, block_account, mark_verified
from housing_ach.mandates.states import MandateStatus, VerificationMethod, VerificationStatus
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits, MicroDepositTry
from housing_ach.payouts.services import (
    BadAmounts,
    MicroDepositsExpired,
    NotAwaitingAmounts,
    WrongAmounts,
)
from housing_ach.payouts.states import FailedWhy, MicroDepositStatus
from tests.payouts.story import (
    LAST_DAY,
    LATER,
    TOO_LATE,
    TUESDAY,
    amounts,
    arrived,
    become,
    start,
    tell,
    waiting,
    wrong,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", [1, -1])
def test_the_right_amounts_in_any_order_put_the_mandate_in_force(order):
    mandate = waiting()
    deposits = arrived(mandate)

    told = tell(deposits, amounts(deposits)[::order])

    mandate.refresh_from_db()
    account = BankAccount.objects.get()
    assert told.status == MicroDepositStatus.VERIFIED
    assert told.verified_at == LATER
    assert account.verification == VerificationStatus.VERIFIED
    assert account.verification_method == VerificationMethod.MICRO_DEPOSIT
    assert str(account.verified_on) == "2026-03-04"
    assert mandate.status == MandateStatus.ACTIVE


def test_a_wrong_try_is_kept_though_it_is_refused():
    deposits = arrived(waiting())

    with pytest.raises(WrongAmounts) as refused:
        tell(deposits, wrong(deposits))

    assert (refused.value.field, refused.value.tries_left) == ("cents", 2)
    assert "2 tries are left" in refused.value.message
    assert list(MicroDepositTry.objects.values_list("number", "right")) == [(1, False)]
    assert BankAccount.objects.get().verification == VerificationStatus.PENDING


def test_the_same_right_amount_twice_is_wrong():
    deposits = arrived(waiting())
    first, _ = amounts(deposits)

    with pytest.raises(WrongAmounts):
        tell(deposits, (first, first))


def test_the_third_wrong_try_is_the_last():
    mandate = waiting()
    deposits = arrived(mandate)
    for left in (2, 1, 0):
        with pytest.raises(WrongAmounts) as refused:
            tell(deposits, wrong(deposits))
        assert refused.value.tries_left == left

    with pytest.raises(NotAwaitingAmounts):
        tell(deposits, amounts(deposits))

    deposits.refresh_from_db()
    mandate.refresh_from_db()
    assert deposits.status == MicroDepositStatus.FAILED
    assert deposits.failed_why == FailedWhy.WRONG_AMOUNTS
    assert BankAccount.objects.get().verification == VerificationStatus.FAILED
    assert mandate.status == MandateStatus.PENDING_VERIFICATION


def test_the_third_try_may_be_right():
    deposits = arrived(waiting())
    for _ in range(2):
        with pytest.raises(WrongAmounts):
            tell(deposits, wrong(deposits))

    assert tell(deposits, amounts(deposits)).status == MicroDepositStatus.VERIFIED


def test_telling_right_amounts_again_does_nothing():
    deposits = arrived(waiting())
    tell(deposits, amounts(deposits))

    assert tell(deposits, amounts(deposits)).status == MicroDepositStatus.VERIFIED
    assert MicroDepositTry.objects.count() == 1


@pytest.mark.parametrize("cents", [(0, 5), (5, 100), (5,), (5, 6, 7), (-5, 6)])
def test_what_cannot_be_the_amounts_costs_no_try(cents):
    deposits = arrived(waiting())

    with pytest.raises(BadAmounts) as refused:
        tell(deposits, cents)

    assert refused.value.field == "cents"
    assert not MicroDepositTry.objects.exists()


def test_amounts_are_not_taken_before_both_have_arrived():
    deposits = start(waiting())
    become(deposits, PaymentStatus.SENT)

    with pytest.raises(NotAwaitingAmounts, match="SENT"):
        tell(deposits, amounts(deposits))

    assert not MicroDepositTry.objects.exists()


def test_amounts_are_taken_before_the_timetable_has_looked():
    deposits = start(waiting())
    become(deposits, PaymentStatus.SETTLED)

    assert tell(deposits, amounts(deposits)).status == MicroDepositStatus.VERIFIED


def test_an_account_without_micro_deposits_is_told_so():
    account = waiting().bank_account

    with pytest.raises(NotAwaitingAmounts, match="was sent no micro-deposits"):
        tell(MicroDeposits(bank_account=account), (5, 6))


def test_the_tenth_day_is_the_last():
    deposits = arrived(waiting())

    assert str(deposits.expires_on - TUESDAY) == "10 days, 0:00:00"
    assert tell(deposits, amounts(deposits), at=LAST_DAY).status == MicroDepositStatus.VERIFIED


def test_after_the_tenth_day_right_amounts_come_too_late():
    deposits = arrived(waiting())

    with pytest.raises(MicroDepositsExpired):
        tell(deposits, amounts(deposits), at=TOO_LATE)

    deposits.refresh_from_db()
    assert deposits.status == MicroDepositStatus.EXPIRED
    assert BankAccount.objects.get().verification == VerificationStatus.FAILED


def test_an_account_verified_otherwise_stays_so_when_they_expire():
    deposits = arrived(waiting())
    mark_verified(deposits.bank_account, method=VerificationMethod.MANUAL, on=TUESDAY)

    with pytest.raises(MicroDepositsExpired):
        tell(deposits, amounts(deposits), at=TOO_LATE)

    assert BankAccount.objects.get().verification == VerificationStatus.VERIFIED


def test_a_blocked_account_is_not_verified_and_loses_no_try():
    deposits = arrived(waiting())
    block_account(deposits.bank_account, "R16")

    with pytest.raises(AccountNotOpen):
        tell(deposits, amounts(deposits))

    assert not MicroDepositTry.objects.exists()


def test_the_database_counts_to_three():
    deposits = arrived(waiting())
    given = {"right": False, "by": deposits.order.made_by, "at": LATER}

    with pytest.raises(IntegrityError, match="three_tries_at_most"), transaction.atomic():
        deposits.tries.create(number=4, **given)
