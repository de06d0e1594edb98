"""What the policy of a property, and how far it has come, mean for those who pay."""

from datetime import date

import pytest

from housing_ach.mandates.services import sign_mandate
from housing_ach.mandates.states import Channel, Roll
from housing_ach.payments import services
from housing_ach.payments.models import Payment
from housing_ach.payments.services import PartNotAllowed, pay_now, send_prenote
from housing_ach.tenants.models import Property
from housing_ach.tenants.services import NotLive, NotOffered, set_policy
from housing_ach.tenants.states import PartialRule, Rollout, VerificationOffer
from housing_ach.users.services import system_user
from tests.factories import AT, BankAccountFactory, MandateFactory, UserFactory
from tests.payments.story import owe

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandate():
    """Of a lease that owes 1,000.00."""
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    return mandate


def ask(mandate, cents):
    return pay_now(
        tenant=mandate.tenant,
        lease=mandate.lease,
        mandate=mandate,
        cents=cents,
        requested_on=date(2026, 3, 6),
        by=UserFactory(),
        at=AT,
    )


def policy(**terms):
    set_policy(by=system_user(), at=AT, **terms)


@pytest.mark.parametrize(
    ("terms", "least"),
    [
        ({"partial": PartialRule.DENY}, 1000_00),
        ({"partial": PartialRule.MIN_AMOUNT, "partial_cents": 400_00}, 400_00),
        ({"partial": PartialRule.MIN_PERCENT, "partial_bps": 2500}, 250_00),
    ],
)
def test_less_than_the_policy_asks_for_is_refused(mandate, terms, least):
    policy(**terms)

    with pytest.raises(PartNotAllowed) as refused:
        ask(mandate, least - 1)

    assert refused.value.field == "cents"
    assert ask(mandate, least).cents == least


def test_any_part_is_taken_where_nothing_is_said(mandate):
    assert ask(mandate, 1).cents == 1


def test_what_is_under_way_counts_as_paid(mandate):
    ask(mandate, 700_00)
    policy(partial=PartialRule.DENY)

    assert ask(mandate, 300_00).cents == 300_00


def test_a_prenote_that_is_not_offered_is_refused():
    policy(verification=[VerificationOffer.MICRO_DEPOSIT])

    with pytest.raises(NotOffered):
        send_prenote(mandate=MandateFactory(), by=UserFactory(), at=AT)


def test_the_system_asks_again_whatever_is_offered():
    policy(verification=[VerificationOffer.MICRO_DEPOSIT])

    assert send_prenote(mandate=MandateFactory(), by=system_user(), at=AT).payments.exists()


def test_no_prenote_is_asked_for_where_nothing_is_sent():
    mandate = MandateFactory()
    Property.objects.update(rollout=Rollout.SHADOW)

    with pytest.raises(NotLive):
        send_prenote(mandate=mandate, by=UserFactory(), at=AT)

    assert not Payment.objects.exists()


@pytest.mark.parametrize("own", [{}, {"roll": Roll.FORWARD}])
def test_a_mandate_rolls_as_the_policy_says_unless_it_says_so_itself(mandate, own):
    policy(roll=Roll.BACKWARD)

    signed = sign_mandate(
        tenant=mandate.tenant,
        lease=mandate.lease,
        bank_account=BankAccountFactory(tenant=mandate.tenant),
        channel=Channel.PAPER,
        min_cents=1,
        max_cents=1000_00,
        signed_name="Tenant",
        at=AT,
        **own,
    )

    assert signed.roll == own.get("roll", Roll.BACKWARD)


def test_a_payment_of_a_property_that_was_stopped_may_not_go(mandate):
    payment = ask(mandate, 1000_00).payments.get()
    Property.objects.update(rollout=Rollout.DISABLED)

    found = services.check_still_payable([payment.pk], on=payment.effective_on)

    assert "DISABLED" in found[payment.pk][1]
