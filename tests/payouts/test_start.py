from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import AccountNotOpen, NotAParty, close_account
from housing_ach.mandates.states import Channel, VerificationStatus
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.services import cancel
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import AlreadyVerified, TooManyStarts, start_micro_deposits
from housing_ach.payouts.states import MicroDepositStatus
from housing_ach.users.services import system_user
from tests.factories import AT, LeaseFactory, MandateFactory, PaymentFactory, UserFactory
from tests.payouts.story import arrived, start, tell, waiting, wrong

pytestmark = pytest.mark.django_db


def test_two_different_credits_under_a_dollar_are_planned():
    mandate = waiting()

    deposits = start(mandate)

    first, second = Payment.objects.order_by("cents")
    assert 1 <= first.cents < second.cents <= 99
    for payment in (first, second):
        assert payment.order == deposits.order
        assert (payment.direction, payment.purpose) == (Direction.CREDIT, "ACCTVERIFY")
        assert payment.fund == mandate.lease.unit.property.operating_fund
        assert (payment.status, payment.effective_on) == ("SCHEDULED", date(2026, 3, 3))
    assert deposits.status == MicroDepositStatus.UNSENT


def test_the_account_waits_meanwhile():
    mandate = waiting()

    start(mandate)

    assert mandate.bank_account.verification == VerificationStatus.PENDING
    assert BankAccount.objects.get().verification == VerificationStatus.PENDING


def test_a_second_start_gives_back_the_one_under_way():
    mandate = waiting()
    first = start(mandate)

    second = start(mandate)

    assert second == first
    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("channel", "sec_code"), [(Channel.INTERNET, "PPD"), (Channel.CORPORATE, "CCD")]
)
def test_a_consumer_is_credited_as_ppd_whatever_his_mandate_says(channel, sec_code):
    device = {"signed_ip": "203.0.113.7", "signed_user_agent": "tests"}

    start(waiting(channel=channel, **device))

    assert set(Payment.objects.values_list("sec_code", flat=True)) == {sec_code}


def test_a_verified_account_needs_none():
    mandate = MandateFactory()

    with pytest.raises(AlreadyVerified) as refused:
        start(mandate)

    assert refused.value.field == "bank_account"
    assert not Order.objects.exists()


def test_a_closed_account_gets_none():
    mandate = waiting()
    close_account(mandate.bank_account, "R02")

    with pytest.raises(AccountNotOpen):
        start(mandate)


def test_the_lease_must_be_the_tenants_own():
    with pytest.raises(NotAParty) as refused:
        start_micro_deposits(
            bank_account=waiting().bank_account, lease=LeaseFactory(), by=system_user(), at=AT
        )

    assert refused.value.field == "lease"


def test_after_three_wrong_tries_it_begins_anew_with_two_other_credits():
    mandate = waiting()
    failed = arrived(mandate)
    fail(failed)

    again = start(mandate)

    assert again != failed
    assert Payment.objects.filter(order=again.order).count() == 2
    assert mandate.bank_account.verification == VerificationStatus.PENDING


def test_a_fourth_start_within_thirty_days_is_refused():
    mandate = waiting()
    for _ in range(3):
        fail(arrived(mandate))

    with pytest.raises(TooManyStarts):
        start(mandate)

    assert start(mandate, at=AT + timedelta(days=31)).status == MicroDepositStatus.UNSENT


def test_a_start_after_one_was_stopped_does_not_wait_for_the_timetable():
    mandate = waiting()
    stopped = start(mandate)
    cancel(stopped.order.payments.first(), by=UserFactory(), reason="asked by phone", at=AT)

    again = start(mandate)

    stopped.refresh_from_db()
    assert stopped.status == MicroDepositStatus.FAILED
    assert set(stopped.order.payments.values_list("status", flat=True)) == {"CANCELLED"}
    assert again.status == MicroDepositStatus.UNSENT


@pytest.mark.parametrize("terms", [{"cents": 100}, {"direction": Direction.DEBIT}])
def test_the_database_takes_only_credits_under_a_dollar(terms):
    payment = Payment.objects.get(pk=PaymentFactory().pk)
    given = {"purpose": "ACCTVERIFY", "direction": Direction.CREDIT, "cents": 99, **terms}
    for name, value in given.items():
        setattr(payment, name, value)
    payment.pk = None

    with pytest.raises(IntegrityError, match="micro_deposit_is_under_a_dollar"):
        payment.save(force_insert=True)


def test_the_database_keeps_one_under_way_for_an_account():
    first = start(waiting())

    with pytest.raises(IntegrityError, match="one_micro_deposits_under_way"), transaction.atomic():
        MicroDeposits.objects.create(bank_account=first.bank_account, order=PaymentFactory().order)


def test_a_debit_still_needs_a_mandate():
    payment = PaymentFactory(status=PaymentStatus.CANCELLED)
    payment.pk, payment.mandate = None, None
    payment.order = PaymentFactory(
        mandate=None,
        direction=Direction.CREDIT,
        method="BOOK",
        lease=payment.lease,
        tenant=payment.tenant,
        bank_account=None,
        sec_code="",
    ).order

    with pytest.raises(IntegrityError, match="ach_payment_names_its_mandate"):
        payment.save(force_insert=True)


def fail(deposits: MicroDeposits) -> None:
    for _ in range(3):
        with pytest.raises(Exception, match="not the two amounts"):
            tell(deposits, wrong(deposits))
