from datetime import UTC, date, datetime

import pytest

from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import MandateInactive
from housing_ach.mandates.states import MandateStatus, VerificationStatus
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.services import finish_prenotes, send_prenote
from housing_ach.payments.states import OrderKind, PaymentStatus, Purpose
from housing_ach.users.services import system_user
from tests.factories import (
    AT,
    BankAccountFactory,
    BankAccountVersionFactory,
    MandateFactory,
    UserFactory,
    WindowFactory,
)

pytestmark = pytest.mark.django_db

# Tuesday; the third banking day after it is Friday.
SETTLED = date(2026, 3, 3)
FRIDAY = date(2026, 3, 6)


def unverified():
    account = BankAccountFactory(unverified=True)
    return MandateFactory(
        tenant=account.tenant,
        bank_account=account,
        status=MandateStatus.PENDING_VERIFICATION,
    )


def send(mandate):
    return send_prenote(mandate=mandate, by=system_user(), at=AT)


def settled(mandate):
    payment = send(mandate).payments.get()
    Payment.objects.filter(pk=payment.pk).update(
        status=PaymentStatus.CLEARED, first_settled_on=SETTLED
    )
    return payment


def finish(on=FRIDAY):
    return finish_prenotes(on=on, at=AT)


def test_a_prenote_whose_returns_were_not_all_read_proves_nothing():
    payment = settled(unverified())
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.SETTLED)

    assert finish() == 0
    assert BankAccount.objects.get().verification == VerificationStatus.PENDING


def test_a_prenote_is_a_payment_of_no_cents():
    mandate = unverified()

    order = send(mandate)

    payment = order.payments.get()
    assert (order.kind, payment.purpose, payment.cents) == (OrderKind.PRENOTE, Purpose.PRENOTE, 0)
    assert (payment.status, payment.effective_on) == (PaymentStatus.SCHEDULED, SETTLED)
    assert BankAccount.objects.get().verification == VerificationStatus.PENDING


def test_a_prenote_asked_for_after_the_cut_off_settles_a_banking_day_later():
    mandate = unverified()
    WindowFactory(profile=mandate.lease.unit.property.operating_fund.company.profile)

    order = send_prenote(
        mandate=mandate, by=UserFactory(), at=datetime(2026, 3, 13, 22, tzinfo=UTC)
    )

    assert order.payments.get().effective_on == date(2026, 3, 17)


def test_a_prenote_on_its_way_is_given_back():
    mandate = unverified()
    first = send(mandate)

    assert send(mandate) == first
    assert Order.objects.count() == 1


def test_a_corrected_account_gets_a_prenote_of_its_own():
    mandate = unverified()
    first = send(mandate)
    correct(mandate.bank_account)

    assert send(mandate) != first


def test_a_revoked_mandate_gets_none():
    mandate = unverified()
    Mandate.objects.update(status=MandateStatus.REVOKED)

    with pytest.raises(MandateInactive):
        send(mandate)

    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("on", "done"), [(date(2026, 3, 5), 0), (FRIDAY, 1), (date(2026, 3, 7), 1)]
)
def test_silence_until_the_third_banking_day_verifies_the_account(on, done):
    mandate = unverified()
    settled(mandate)

    assert finish(on) == done

    mandate.refresh_from_db()
    assert (mandate.status == MandateStatus.ACTIVE) == bool(done)


def test_the_account_says_how_and_when_it_was_verified():
    settled(unverified())

    finish()

    account = BankAccount.objects.get()
    assert (account.verification, account.verification_method) == ("VERIFIED", "PRENOTE")
    assert account.verified_on == FRIDAY


def test_finishing_again_does_nothing():
    settled(unverified())
    finish()

    assert finish() == 0


@pytest.mark.parametrize("status", [PaymentStatus.RETURNED, PaymentStatus.SENT])
def test_a_prenote_that_did_not_settle_or_came_back_verifies_nothing(status):
    payment = settled(unverified())
    Payment.objects.filter(pk=payment.pk).update(status=status)

    assert finish() == 0


def test_a_corrected_account_is_not_verified_by_the_prenote_of_the_old_one():
    mandate = unverified()
    settled(mandate)
    correct(mandate.bank_account)

    assert finish() == 0


def correct(account):
    """A minute later the account is another one."""
    BankAccount.objects.filter(pk=account.pk).update(version=2)
    account.refresh_from_db()
    BankAccountVersionFactory(account=account, created_at=AT.replace(minute=1))
