"""What a page shows of it."""

from datetime import date

import pytest

from housing_ach.mandates.services import close_account
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.selectors import VerificationState, can_start, verification_state
from housing_ach.payouts.services import WrongAmounts, fail_returned, follow_micro_deposits
from tests.factories import AT, MandateFactory, TenantFactory, UserFactory
from tests.payouts.story import (
    TOO_LATE,
    amounts,
    arrived,
    become,
    start,
    tell,
    waiting,
    wrong,
)

pytestmark = pytest.mark.django_db

ARRIVES = date(2026, 3, 3)
EXPIRES = date(2026, 3, 13)


def test_an_account_that_never_had_any():
    state = verification_state(waiting().bank_account)

    assert state == VerificationState()
    assert not state.is_under_way


@pytest.mark.parametrize("sent", [False, True])
def test_on_their_way_the_day_they_arrive_is_told(sent):
    deposits = start(waiting())
    if sent:
        become(deposits, PaymentStatus.SENT)
        follow_micro_deposits(at=AT)

    state = verification_state(deposits.bank_account)

    assert (state.state, state.tries_left) == ("SENT" if sent else "UNSENT", 3)
    assert (state.arrives_on, state.expires_on) == (ARRIVES, EXPIRES)
    assert state.is_under_way
    assert not state.awaits_input


def test_arrived_the_tries_and_the_last_day_are_told(django_assert_num_queries):
    deposits = arrived(waiting())
    with pytest.raises(WrongAmounts):
        tell(deposits, wrong(deposits))

    with django_assert_num_queries(1):
        state = verification_state(deposits.bank_account)

    assert state.awaits_input
    assert (state.tries_left, state.arrives_on, state.expires_on) == (2, None, EXPIRES)


def test_verified_nothing_is_left_to_try():
    deposits = arrived(waiting())
    tell(deposits, amounts(deposits))

    state = verification_state(deposits.bank_account)

    assert (state.state, state.tries_left, state.why) == ("VERIFIED", 0, "")


def test_failed_a_sentence_says_why():
    deposits = arrived(waiting())
    fail_returned(deposits.order.payments.first(), code="R02", at=AT)

    state = verification_state(deposits.bank_account)

    assert (state.state, state.why) == ("FAILED", "The bank says this account is closed.")


def test_expired_the_last_day_is_still_told():
    deposits = arrived(waiting())
    follow_micro_deposits(at=TOO_LATE)

    state = verification_state(deposits.bank_account)

    assert (state.state, state.expires_on) == ("EXPIRED", EXPIRES)


def test_of_several_the_newest_is_told():
    mandate = waiting()
    fail_returned(arrived(mandate).order.payments.first(), code="R23", at=AT)
    start(mandate)

    assert verification_state(mandate.bank_account).state == "UNSENT"


def test_a_page_offers_to_begin_only_where_it_can():
    fresh, under_way, closed = waiting(), waiting(), waiting()
    start(under_way)
    close_account(closed.bank_account, "R02")

    assert can_start(fresh.bank_account, at=AT)
    assert not can_start(under_way.bank_account, at=AT)
    assert not can_start(closed.bank_account, at=AT)
    assert not can_start(MandateFactory().bank_account, at=AT)


def test_a_tenant_sees_his_own_only():
    mine = start(waiting())
    user = UserFactory()
    tenant = mine.bank_account.tenant
    type(tenant).objects.filter(pk=tenant.pk).update(user=user)
    start(waiting())
    TenantFactory(signed_up=True)

    assert list(MicroDeposits.objects.visible_to(user)) == [mine]
