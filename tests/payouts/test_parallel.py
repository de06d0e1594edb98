"""Two requests at once, each on a connection of its own; and what is committed."""

import pytest
from django.db import connection, transaction

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import VerificationStatus
from housing_ach.payments.models import Payment
from housing_ach.payouts.models import MicroDeposits, MicroDepositTry
from housing_ach.payouts.services import NotAwaitingAmounts, WrongAmounts, follow_micro_deposits
from housing_ach.payouts.states import MicroDepositStatus
from tests.factories import AT
from tests.payments.test_parallel import together
from tests.payouts.story import TOO_LATE, amounts, arrived, start, tell, waiting, wrong


def test_two_starts_send_one_pair(committed_db):
    mandate = waiting()

    together(*[lambda: start(mandate)] * 2)

    assert MicroDeposits.objects.count() == 1
    assert Payment.objects.count() == 2


def test_five_wrong_tries_at_once_are_three(committed_db):
    deposits = arrived(waiting())
    cents = wrong(deposits)

    refused = together(*[lambda: tell(deposits, cents)] * 5)

    assert sorted(refused, key=str) == [*[NotAwaitingAmounts] * 2, *[WrongAmounts] * 3]
    assert MicroDepositTry.objects.count() == 3
    assert MicroDeposits.objects.get().status == MicroDepositStatus.FAILED


def test_two_right_tries_at_once_are_one(committed_db):
    deposits = arrived(waiting())
    cents = amounts(deposits)

    assert together(*[lambda: tell(deposits, cents)] * 2) == []

    assert MicroDepositTry.objects.count() == 1
    assert BankAccount.objects.get().verification == VerificationStatus.VERIFIED


def test_two_looks_at_once_expire_once(committed_db):
    arrived(waiting())

    together(*[lambda: follow_micro_deposits(at=TOO_LATE)] * 2)

    assert MicroDeposits.objects.get().status == MicroDepositStatus.EXPIRED


def test_the_wrong_try_outlives_its_request(committed_db):
    deposits = arrived(waiting())

    with pytest.raises(WrongAmounts):
        tell(deposits, wrong(deposits))

    connection.close()
    assert MicroDepositTry.objects.get().right is False


def test_it_refuses_to_be_part_of_a_transaction_that_could_forget_the_try(committed_db):
    deposits = arrived(waiting())

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        tell(deposits, wrong(deposits))

    assert not MicroDepositTry.objects.exists()


def test_the_web_process_starts_and_confirms(committed_db):
    mandate = waiting()
    with committed_db.acting_as("app"):
        start(mandate)
    deposits = MicroDeposits.objects.get()
    Payment.objects.update(status="SETTLED", first_settled_on=AT.date())

    with committed_db.acting_as("app"):
        tell(deposits, amounts(deposits))

    assert BankAccount.objects.get().verification == VerificationStatus.VERIFIED
