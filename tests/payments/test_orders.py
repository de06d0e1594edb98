from datetime import UTC, date, datetime, timedelta

import pytest

from housing_ach.mandates.services import (
    AccountNotOpen,
    MandateInactive,
    NotAParty,
    NotVerified,
    close_account,
)
from housing_ach.mandates.states import MandateStatus, Roll
from housing_ach.payments import services
from housing_ach.payments.models import Limit, Order, Payment
from housing_ach.payments.selectors import open_cents
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.tenants.states import ChargeKind
from tests.factories import AT, BankAccountFactory, MandateFactory, PaymentFactory, UserFactory
from tests.payments.story import DAY, aim, give_back, owe, settle, shared_lease

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 3, 6)


def ask(mandate, cents=1000_00, **changes):
    """One order by a clerk; its payments in `order.payments`."""
    wish = {"tenant": mandate.tenant, "lease": mandate.lease, "requested_on": FRIDAY, "at": AT}
    wish |= {"by": changes.pop("by", None) or UserFactory()}
    return services.pay_now(mandate=mandate, cents=cents, **{**wish, **changes})


def test_it_pays_the_payers_own_charges_the_oldest_first():
    _, _, second = shared_lease()
    _, march = owe(second.lease, 1000_00, date(2026, 3, 1))
    _, february = owe(second.lease, 600_00, date(2026, 2, 1))

    payment = ask(second, 500_00).payments.get()

    assert (payment.status, payment.purpose, payment.cents) == ("SCHEDULED", "RENT", 500_00)
    assert dict(payment.targets.values_list("share", "cents")) == {
        february.pk: 300_00,
        march.pk: 200_00,
    }


def test_charges_not_due_yet_may_be_paid():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00, date(2026, 4, 1))

    assert ask(mandate).payments.get().cents == 1000_00


def test_only_the_kinds_asked_for_are_paid():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    (fee,) = owe(mandate.lease, 35_00, kind=ChargeKind.LATE_FEE)

    payment = ask(mandate, 35_00, kinds=[ChargeKind.LATE_FEE]).payments.get()

    assert (payment.purpose, payment.targets.get().share) == ("FEE", fee)


def test_each_fund_is_a_payment():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    owe(mandate.lease, 500_00, kind=ChargeKind.DEPOSIT)

    order = ask(mandate, 1500_00)

    found = set(order.payments.values_list("purpose", "cents"))
    assert found == {("RENT", 1000_00), ("DEPOSIT", 500_00)}


def test_a_charge_that_came_back_may_be_paid_by_hand():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    payment = PaymentFactory(mandate=mandate)
    settle(payment)
    give_back(payment)

    assert ask(mandate).cents == 1000_00


@pytest.mark.parametrize(
    ("requested_on", "roll", "effective_on"),
    [
        (FRIDAY, Roll.FORWARD, FRIDAY),
        (date(2026, 3, 7), Roll.FORWARD, date(2026, 3, 9)),
        (date(2026, 3, 7), Roll.BACKWARD, FRIDAY),
        (DAY, Roll.FORWARD, date(2026, 3, 3)),
    ],
)
def test_it_settles_on_a_banking_day_the_next_file_can_reach(requested_on, roll, effective_on):
    mandate = MandateFactory(roll=roll)
    owe(mandate.lease)

    payment = ask(mandate, requested_on=requested_on).payments.get()

    assert (payment.requested_on, payment.effective_on) == (requested_on, effective_on)


@pytest.mark.parametrize("cents", [0, -1])
def test_no_amount_is_refused(cents):
    refused(services.NoAmount, "cents", MandateFactory(), cents)


@pytest.mark.parametrize("cents", [99_99, 2000_01])
def test_an_amount_outside_the_authorised_range_is_refused(cents):
    mandate = MandateFactory(min_cents=100_00, max_cents=2000_00)
    owe(mandate.lease, 5000_00)

    refused(services.OutsideMandate, "cents", mandate, cents)


def test_a_day_that_has_passed_is_refused():
    refused(
        services.DateNotAllowed, "requested_on", MandateFactory(), requested_on=date(2026, 3, 1)
    )


def test_a_day_before_the_authorisation_is_refused():
    mandate = MandateFactory(signed_at=datetime(2026, 3, 10, 12, tzinfo=UTC))

    refused(services.DateNotAllowed, "requested_on", mandate)


@pytest.mark.parametrize("status", [s for s in MandateStatus if s != MandateStatus.ACTIVE])
def test_a_mandate_that_is_not_active_is_refused(status):
    refused(MandateInactive, "mandate", MandateFactory(status=status))


def test_a_closed_account_is_refused():
    mandate = MandateFactory()
    close_account(mandate.bank_account, "R02")
    type(mandate).objects.update(status=MandateStatus.ACTIVE)

    refused(AccountNotOpen, "bank_account", mandate)


def test_an_account_that_is_not_verified_is_refused():
    lease = MandateFactory().lease
    account = BankAccountFactory(tenant=lease.shares.get().tenant, unverified=True)

    refused(NotVerified, "bank_account", MandateFactory(lease=lease, bank_account=account))


def test_the_mandate_of_somebody_else_is_refused():
    lease, first, second = shared_lease()
    owe(lease)

    refused(NotAParty, "mandate", first, 100_00, tenant=second.tenant)


def test_a_mandate_for_one_payment_is_used_once():
    mandate = MandateFactory(recurring=False)
    owe(mandate.lease, 1000_00)
    ask(mandate, 300_00)

    refused(services.OutsideMandate, "mandate", mandate, 200_00)


def test_more_than_is_open_is_refused():
    mandate = MandateFactory()
    owe(mandate.lease, 500_00)

    refused(services.NothingOpen, "cents", mandate, 500_01)


def test_another_payers_charge_is_not_open():
    lease, first, _ = shared_lease()
    owe(lease, 1000_00)

    refused(services.NothingOpen, "cents", first, 500_01)


def test_the_same_amount_within_a_day_is_a_duplicate():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    first = ask(mandate, 300_00)

    refusal = refused(services.DuplicatePayment, "cents", mandate, 300_00)

    assert refusal.ids == (first.pk,)


def test_the_same_amount_a_day_later_is_not():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    ask(mandate, 300_00)

    assert ask(mandate, 300_00, at=AT + timedelta(hours=24)).cents == 300_00


def test_the_same_amount_after_a_cancelled_one_is_not():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    ask(mandate, 300_00)
    Payment.objects.update(status=PaymentStatus.CANCELLED)

    assert ask(mandate, 300_00).cents == 300_00


def test_who_insists_asks_for_the_same_amount_twice():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    ask(mandate, 300_00)

    payment = ask(mandate, 300_00, allow_duplicate=True).payments.get()

    assert payment.targets.get().cents == 300_00


def test_what_is_on_its_way_is_a_duplicate():
    mandate = MandateFactory()
    (share,) = owe(mandate.lease, 1000_00)
    under_way = PaymentFactory(mandate=mandate, cents=800_00)
    aim(under_way, share)

    refusal = refused(services.DuplicatePayment, "cents", mandate, 300_00)

    assert refusal.ids == (under_way.pk,)


def test_who_insists_pays_ahead_what_is_on_its_way():
    mandate = MandateFactory()
    (share,) = owe(mandate.lease, 1000_00)
    aim(PaymentFactory(mandate=mandate, cents=800_00), share)

    payment = ask(mandate, 300_00, allow_duplicate=True).payments.get()

    assert payment.cents == 300_00
    assert payment.targets.get().cents == 200_00


def limit(mandate, **fields):
    company = mandate.lease.unit.property.operating_fund.company
    Limit.objects.create(company=company, direction=Direction.DEBIT, **fields)


def test_an_amount_over_the_limit_is_refused():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    limit(mandate, per_payment_cents=999_99)

    refusal = refused(services.OverLimit, "cents", mandate)

    assert "1,000.00 asked, 0.00 of 999.99 a payment used" in str(refusal)


def test_an_amount_over_what_is_left_of_the_day_is_refused():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    limit(mandate, per_day_cents=1500_00)
    PaymentFactory(
        mandate=MandateFactory(lease__unit=mandate.lease.unit), cents=600_00, requested_on=FRIDAY
    )

    refusal = refused(services.OverLimit, "cents", mandate)

    assert "600.00 of 1,500.00 a day used" in str(refusal)


def test_the_same_external_id_is_the_same_order():
    mandate = MandateFactory()
    owe(mandate.lease)
    first = ask(mandate, external_id="E-1")

    assert ask(mandate, external_id="E-1") == first
    assert Payment.objects.count() == 1


def test_an_external_id_with_other_content_is_refused():
    mandate = MandateFactory()
    owe(mandate.lease)
    first = ask(mandate, external_id="E-1")

    with pytest.raises(services.ExternalIdTaken) as refusal:
        ask(mandate, 999_00, external_id="E-1")

    assert refusal.value.ids == (first.pk,)


def test_a_payment_may_wait_for_a_second_person():
    mandate = MandateFactory()
    owe(mandate.lease)

    payment = ask(mandate, needs_approval=True).payments.get()

    assert payment.status == PaymentStatus.AWAITING_APPROVAL
    assert len(payment.content_sha) == 64


def test_what_is_open_by_a_day_leaves_out_what_is_on_its_way():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00, DAY)
    owe(mandate.lease, 500_00, date(2026, 4, 1))
    ask(mandate, 300_00)

    open_by = [
        open_cents(lease=mandate.lease, tenant=mandate.tenant, due_by=day)
        for day in (date(2026, 3, 1), DAY, date(2026, 4, 1))
    ]

    assert open_by == [0, 700_00, 1200_00]


def refused(refusal, field, mandate, cents=1000_00, **changes):
    """The refusal; nothing was made."""
    orders, payments = Order.objects.count(), Payment.objects.count()

    with pytest.raises(refusal) as raised:
        ask(mandate, cents, **changes)

    assert raised.value.field == field
    assert (Order.objects.count(), Payment.objects.count()) == (orders, payments)
    return raised.value
