"""A tenant's first page: one thing to do, the next payment with its dates, what is open."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from housing_ach.clock import services as clock
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.states import Rollout
from tests.factories import (
    AutopayFactory,
    BankAccountFactory,
    MandateFactory,
    PaymentFactory,
    TenantFactory,
)
from tests.payments.story import aim, give_back, owe, settle
from tests.payouts.story import arrived
from tests.portal.payers import payer, signed_in


@pytest.fixture
def ada(db):
    return payer()


@pytest.fixture
def mandate(ada):
    return MandateFactory(lease=ada.lease, bank_account=ada.account)


def came_back(ada, mandate):
    (share,) = ada.owe(1000_00)
    payment = paying(mandate)
    aim(payment, share)
    settle(payment)
    give_back(payment)
    return payment


def paying(mandate, **fields):
    return PaymentFactory(mandate=mandate, **fields)


def home(ada):
    return ada.client.get("/").text


def test_it_greets_by_name_and_time_of_day(ada):
    ada.tenant.name = "Ada Lovelace"
    ada.tenant.save()

    assert "Good morning, Ada" in home(ada)
    clock.advance(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert "Good evening, Ada" in home(ada)


def test_what_autopay_takes_next_is_told_with_its_four_dates(ada, mandate):
    AutopayFactory(mandate=mandate)
    ada.owe(1000_00, due_on=date(2026, 4, 1))

    page = home(ada)

    assert "$1,000.00" in page
    assert "Wednesday, April 1, 2026, from the checking account ending 6789" in page
    assert "March 31, 2026, 3 p.m. ET" in page
    assert "April 6, 2026" in page
    assert "Manage autopay" in page


def test_a_payment_that_is_made_is_next_and_has_its_page(ada, mandate):
    payment = paying(mandate, requested_on=date(2026, 3, 5))

    page = home(ada)

    assert "Scheduled" in page
    assert f"/payments/{payment.order_id}/" in page
    assert "March 4, 2026, 3 p.m. ET" in page


def test_without_autopay_it_offers_both_ways(ada):
    ada.owe(750_00)

    page = home(ada)

    assert "Open now" in page
    assert "$750.00" in page
    assert f"/pay/?lease={ada.lease.pk}" in page
    assert f"/autopay/set-up/amount/?lease={ada.lease.pk}" in page


def test_what_came_back_is_the_one_notice(ada, mandate):
    payment = came_back(ada, mandate)
    waiting = MandateFactory(
        lease=ada.lease,
        bank_account=BankAccountFactory(tenant=ada.tenant, unverified=True),
        status=MandateStatus.PENDING_VERIFICATION,
    )
    arrived(waiting)

    page = home(ada)

    assert "Your payment of $1,000.00 came back" in page
    assert f'href="/payments/{payment.order_id}/"' in page
    assert "Your two deposits are there" not in page


def test_a_retry_names_its_day(ada, mandate):
    payment = came_back(ada, mandate)
    Payment.objects.filter(pk=payment.pk).update(
        status=PaymentStatus.SCHEDULED, retries=1, effective_on=date(2026, 3, 9)
    )

    page = home(ada)

    assert "We will try $1,000.00 once more on March 9, 2026." in page


def test_what_was_paid_again_is_no_notice(ada, mandate):
    came_back(ada, mandate)
    (share,) = list(ada.lease.charges.get().shares.all())
    payment = paying(mandate)
    aim(payment, share)
    settle(payment)

    assert "came back" not in home(ada)


def test_deposits_that_arrived_are_asked_for(ada):
    account = BankAccountFactory(tenant=ada.tenant, unverified=True)
    arrived(
        MandateFactory(
            lease=ada.lease, bank_account=account, status=MandateStatus.PENDING_VERIFICATION
        )
    )

    assert f"/account/banks/{account.pk}/verify/" in home(ada)


def test_a_permission_not_in_force_is_asked_for_again(ada):
    mandate = MandateFactory(
        lease=ada.lease, bank_account=ada.account, status=MandateStatus.BLOCKED
    )
    plan = AutopayFactory(mandate=mandate)

    page = home(ada)

    assert "Autopay needs your permission again" in page
    assert f"/autopay/{plan.pk}/change/account/" in page


def test_a_payment_on_hold_is_told(ada, mandate):
    paying(mandate, status=PaymentStatus.HELD)

    assert "A payment of $1,000.00 is on hold" in home(ada)


def test_the_last_four_payments_are_told(ada, mandate):
    payments = [paying(mandate, status=PaymentStatus.CLEARED) for _ in range(5)]

    page = home(ada)

    assert f"/payments/{payments[0].order_id}/" not in page
    assert page.count("Paid</span>") == 4


def test_a_home_that_is_not_live_asks_the_office(ada):
    place = ada.lease.unit.property
    place.rollout = Rollout.SHADOW
    place.save()

    page = home(ada)

    assert "not open for your home yet" in page
    assert "Set up autopay" not in page


def test_nothing_of_a_roommate_is_told(ada, mandate):
    AutopayFactory(mandate=mandate)
    owe(ada.lease, 1000_00, due_on=date(2026, 4, 1))

    page = signed_in(TenantFactory()).get("/").text

    assert "6789" not in page
    assert "No home is on your account yet" in page


def test_a_stranger_signs_in_first(db):
    assert Client().get("/").url.startswith("/account/login/")


def test_it_asks_a_fixed_number_of_questions(ada, mandate, django_assert_max_num_queries):
    AutopayFactory(mandate=mandate)
    for month in (4, 5, 6):
        ada.owe(1000_00, due_on=date(2026, month, 1))
    for _ in range(6):
        paying(mandate, status=PaymentStatus.CLEARED)

    with django_assert_max_num_queries(45):
        home(ada)
