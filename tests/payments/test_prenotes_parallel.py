"""A prenote comes back in the very moment in which its account would be verified."""

import threading

from django.db import connection, transaction

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import fail_verification
from housing_ach.mandates.states import VerificationStatus
from tests.payments.test_prenotes import finish, settled, unverified


def test_an_account_whose_prenote_just_came_back_is_not_verified(committed_db):
    account = settled(unverified()).bank_account

    with transaction.atomic():
        fail_verification(account, "returned R03")
        beside = threading.Thread(target=finish_beside)
        beside.start()
        wait_until_it_waits()
    beside.join()

    assert BankAccount.objects.get().verification == VerificationStatus.FAILED


def finish_beside():
    try:
        finish()
    finally:
        connection.close()


def wait_until_it_waits():
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
