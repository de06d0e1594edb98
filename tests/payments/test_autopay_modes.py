"""What a plan takes of the open charges, by its mode."""

from datetime import UTC, date, datetime, time

import pytest

from housing_ach.audit.models import Event
from housing_ach.mandates.states import AutopayMode, OverCap
from housing_ach.payments.models import Payment
from housing_ach.payments.services import run_autopay
from housing_ach.tenants.services import raise_charges
from housing_ach.tenants.states import ChargeKind
from tests.factories import AT, AutopayFactory, ChargeScheduleFactory, PaymentFactory
from tests.payments.story import aim, owe

pytestmark = pytest.mark.django_db

# The first of April 2026 is a Wednesday: asked for on Monday.
APRIL = date(2026, 4, 1)
RUN_DAY = date(2026, 3, 30)


def plan(**fields):
    return AutopayFactory(**fields)


def capped(cents, over_cap=OverCap.PAY_CAP, **fields):
    return plan(mode=AutopayMode.CAPPED, cents=cents, over_cap=over_cap, **fields)


def run():
    """The payments made, by fund and age."""
    made = run_autopay(on=RUN_DAY, at=datetime.combine(RUN_DAY, time(15), UTC))
    return list(Payment.objects.filter(pk__in=made).order_by("pk"))


def amounts():
    return [payment.cents for payment in run()]


def test_a_cap_pays_up_to_it_the_oldest_charges_first():
    autopay = capped(1200_00)
    (march,) = owe(autopay.lease, 1000_00, date(2026, 3, 1))
    (april,) = owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run()

    assert dict(payment.targets.values_list("share", "cents")) == {
        march.pk: 1000_00,
        april.pk: 200_00,
    }


def test_a_cap_counts_for_the_order_across_funds():
    autopay = capped(600_00)
    owe(autopay.lease, 500_00, date(2026, 3, 1), ChargeKind.DEPOSIT)
    owe(autopay.lease, 1000_00, APRIL)

    payments = run()

    assert {(p.purpose, p.cents) for p in payments} == {("DEPOSIT", 500_00), ("RENT", 100_00)}


def test_over_the_cap_a_plan_may_be_skipped():
    autopay = capped(900_00, OverCap.SKIP)
    owe(autopay.lease, 1000_00, APRIL)

    assert amounts() == []


def test_a_skip_is_told_once():
    autopay = capped(900_00, OverCap.SKIP)
    owe(autopay.lease, 1000_00, APRIL)

    run()
    run()

    told = Event.objects.about(autopay).get(kind="autopay.skipped")
    assert told.data == {"period": "2026-04-01", "cap": 900_00, "balance": 1000_00}


def test_under_the_cap_the_balance_is_asked_for():
    owe(capped(1200_00, OverCap.SKIP).lease, 1000_00, APRIL)

    assert amounts() == [1000_00]


@pytest.mark.parametrize(
    ("owed", "basis_points", "asked"),
    [(1000_00, 5000, [500_00]), (1000_00, 10_000, [1000_00]), (99, 3333, [32]), (1, 9999, [])],
)
def test_a_percentage_takes_its_part_of_the_balance_and_leaves_the_odd_cent(
    owed, basis_points, asked
):
    autopay = plan(mode=AutopayMode.PERCENT, basis_points=basis_points)
    owe(autopay.lease, owed, APRIL)

    assert amounts() == asked


def test_a_percentage_is_of_what_is_not_in_flight_and_pays_the_oldest_first():
    autopay = plan(mode=AutopayMode.PERCENT, basis_points=7500)
    (march,) = owe(autopay.lease, 600_00, date(2026, 3, 1))
    (april,) = owe(autopay.lease, 1000_00, APRIL)
    aim(PaymentFactory(mandate=autopay.mandate, cents=600_00), march)

    (payment,) = run()

    assert list(payment.targets.values_list("share", "cents")) == [(april.pk, 750_00)]


def test_only_what_recurs_is_asked_for_where_the_payer_wants_it():
    autopay = plan(mode=AutopayMode.RECURRING_ONLY)
    ChargeScheduleFactory(lease=autopay.lease, cents=1000_00, starts_on=APRIL)
    raise_charges(on=RUN_DAY, at=AT)
    owe(autopay.lease, 75_00, date(2026, 3, 15), ChargeKind.LATE_FEE)

    (payment,) = run()

    assert (payment.cents, payment.targets.get().share.charge.kind) == (1000_00, ChargeKind.RENT)


def test_a_charge_added_once_is_left_to_the_payer_where_only_what_recurs_is_paid():
    owe(plan(mode=AutopayMode.RECURRING_ONLY).lease, 75_00, APRIL, ChargeKind.LATE_FEE)

    assert amounts() == []


@pytest.mark.parametrize(("owed", "asked"), [(1000_00, [800_00]), (500_00, [500_00])])
def test_a_fixed_amount_never_collects_more_than_is_owed(owed, asked):
    autopay = plan(mode=AutopayMode.FIXED, cents=800_00)
    owe(autopay.lease, owed, APRIL)

    assert amounts() == asked


def test_a_fixed_amount_may_pay_ahead_where_the_payer_wants_it():
    autopay = plan(mode=AutopayMode.FIXED, cents=800_00, allow_prepay=True)
    (rent,) = owe(autopay.lease, 500_00, APRIL)

    (payment,) = run()

    assert payment.cents == 800_00
    assert list(payment.targets.values_list("share", "cents")) == [(rent.pk, 500_00)]


def test_paying_ahead_needs_no_charge():
    plan(mode=AutopayMode.FIXED, cents=800_00, allow_prepay=True)

    assert amounts() == [800_00]
