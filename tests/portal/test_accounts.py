"""Bank accounts of a tenant: added, verified by two amounts, and removed."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from housing_ach.clock import services as clock
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import AccountStatus, MandateStatus, VerificationStatus
from housing_ach.payouts.models import MicroDeposits
from tests.factories import AutopayFactory, BankAccountFactory, MandateFactory, PaymentFactory
from tests.payouts.story import amounts, arrived, wrong
from tests.portal.payers import payer
from tests.portal.signing_in import PASSWORD

NUMBER = "880055512349"
NEW = {
    "account_type": "SAVINGS",
    "holder_name": "Ada Lovelace",
    "routing": "111000025",
    "account_number": NUMBER,
    "account_number_again": NUMBER,
    "verify_by": "MICRO",
    "password": PASSWORD,
}
LATER = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture
def ada(db):
    ada = payer()
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    ada.client.force_login(ada.tenant.user)
    return ada


@pytest.fixture
def waiting(ada):
    """Two deposits are in her account."""
    account = BankAccountFactory(tenant=ada.tenant, unverified=True, last_four="1111")
    mandate = MandateFactory(
        lease=ada.lease, bank_account=account, status=MandateStatus.PENDING_VERIFICATION
    )
    deposits = arrived(mandate)
    clock.advance(LATER)
    return deposits


def tell(ada, deposits, first, second):
    return ada.client.post(
        f"/account/banks/{deposits.bank_account_id}/verify/", {"first": first, "second": second}
    )


def test_an_account_is_added_and_two_deposits_go_out(ada):
    answer = ada.client.post("/account/banks/add/", NEW, follow=True)

    account = BankAccount.objects.exclude(pk=ada.account.pk).get()
    assert (account.last_four, account.verification) == ("2349", VerificationStatus.PENDING)
    assert MicroDeposits.objects.get().bank_account == account
    assert "Two small deposits are on their way" in answer.text
    assert "March 3, 2026" in answer.text
    assert NUMBER not in answer.text


def test_only_who_knows_the_password_adds_one(ada):
    answer = ada.client.post("/account/banks/add/", NEW | {"password": "a guess"})

    assert answer.status_code == 422
    assert NUMBER not in answer.text
    assert BankAccount.objects.count() == 1


def test_who_gives_a_password_hashed_the_older_way_stays_signed_in(ada, monkeypatch):
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", Argon2PasswordHasher.time_cost + 1)

    answer = ada.client.post("/account/banks/add/", NEW, follow=True)

    before = ada.tenant.user.password
    ada.tenant.user.refresh_from_db()
    assert ada.tenant.user.password != before
    assert "Two small deposits are on their way" in answer.text


def test_the_right_amounts_verify_the_account(ada, waiting):
    one, two = amounts(waiting)

    answer = tell(ada, waiting, f"0.{two:02}", f"{one}")

    waiting.bank_account.refresh_from_db()
    assert answer.url == "/account/banks/"
    assert waiting.bank_account.verification == VerificationStatus.VERIFIED
    assert ada.client.get("/").text.count("deposits are there") == 0


def test_a_wrong_amount_tells_how_many_tries_are_left(ada, waiting):
    told = [tell(ada, waiting, *map(str, wrong(waiting))).text for _ in range(3)]

    assert "You have 2 more tries." in told[0]
    assert "You have 1 more try." in told[1]
    assert "that was the last try" in told[2]
    assert "The amounts were wrong three times." in told[2]


@pytest.mark.parametrize("typed", ["", "1.20", "0", "0.00", "twelve", "100"])
def test_what_is_no_small_amount_costs_no_try(ada, waiting, typed):
    answer = tell(ada, waiting, typed, "0.12")

    assert answer.status_code == 422
    assert 'href="#id_first"' in answer.text
    assert "You have 3 tries" in answer.text


def test_amounts_told_too_late_are_refused(ada, waiting):
    clock.advance(datetime(2026, 3, 14, 15, 0, tzinfo=UTC))

    answer = tell(ada, waiting, *map(str, amounts(waiting)))

    assert answer.status_code == 422
    assert "The time to tell the amounts is over" in answer.text
    assert "Send two small deposits" in answer.text


def test_a_check_begins_again(ada):
    account = BankAccountFactory(tenant=ada.tenant, unverified=True)

    answer = ada.client.post(f"/account/banks/{account.pk}/verify/start/", {"verify_by": "MICRO"})

    assert answer.url == f"/account/banks/{account.pk}/verify/"
    assert MicroDeposits.objects.get().bank_account == account


def test_the_list_masks_every_number_and_tells_what_uses_it(ada):
    AutopayFactory(mandate=MandateFactory(lease=ada.lease, bank_account=ada.account))

    page = ada.client.get("/account/banks/").text

    assert "Checking account ending 6789" in page
    assert f"Autopay for {ada.lease.unit.property.name}" in page
    assert "Verified" in page


def test_an_account_in_use_is_not_removed(ada):
    plan = AutopayFactory(mandate=MandateFactory(lease=ada.lease, bank_account=ada.account))
    path = f"/account/banks/{ada.account.pk}/remove/"

    shown, answer = ada.client.get(path).text, ada.client.post(path)

    assert f"/autopay/{plan.pk}/change/account/" in shown
    assert "Remove the account" not in shown
    assert answer.status_code == 422
    ada.account.refresh_from_db()
    assert ada.account.status == AccountStatus.OPEN


def test_an_account_with_a_payment_on_its_way_is_not_removed(ada):
    PaymentFactory(mandate=MandateFactory(lease=ada.lease, bank_account=ada.account))

    answer = ada.client.post(f"/account/banks/{ada.account.pk}/remove/")

    assert answer.status_code == 422
    assert "a payment from it is on its way" in answer.text


def test_an_account_is_removed_with_its_permissions(ada):
    mandate = MandateFactory(lease=ada.lease, bank_account=ada.account)

    answers = [ada.client.post(f"/account/banks/{ada.account.pk}/remove/") for _ in range(2)]

    mandate.refresh_from_db()
    ada.account.refresh_from_db()
    assert [answer.status_code for answer in answers] == [302, 404]
    assert mandate.status == MandateStatus.REVOKED
    assert ada.account.status == AccountStatus.CLOSED
    assert "6789" not in ada.client.get("/account/banks/").text


@pytest.mark.parametrize("path", ["verify", "verify/start", "remove"])
def test_another_tenants_account_is_not_found(ada, path):
    other = BankAccountFactory()

    answer = ada.client.post(f"/account/banks/{other.pk}/{path}/")

    assert answer.status_code == 404
