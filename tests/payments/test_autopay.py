from datetime import UTC, date, datetime, time

import pytest

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.services import close_account, pause_autopay, resume_autopay
from housing_ach.mandates.states import AutopayMode, MandateStatus, Roll
from housing_ach.payments.models import Limit, Order, Payment
from housing_ach.payments.services import run_autopay
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from housing_ach.tenants.states import ChargeKind
from tests.factories import (
    AutopayFactory,
    MandateFactory,
    PaymentFactory,
    WindowFactory,
)
from tests.payments.story import DAY, aim, give_back, owe, settle, shared_lease

pytestmark = pytest.mark.django_db

# The first of April 2026 is a Wednesday: asked for on Monday.
APRIL = date(2026, 4, 1)
RUN_DAY = date(2026, 3, 30)


def plan(**fields):
    return AutopayFactory(**fields)


def run(on=RUN_DAY):
    """The payments made, by fund and age."""
    made = run_autopay(on=on, at=datetime.combine(on, time(15), UTC))
    return list(Payment.objects.filter(pk__in=made).order_by("pk"))


def amounts(on=RUN_DAY):
    return [payment.cents for payment in run(on)]


def test_it_asks_for_what_is_open_two_banking_days_ahead():
    autopay = plan()
    (rent,) = owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run()

    assert (payment.cents, payment.status, payment.purpose) == (1000_00, "SCHEDULED", "RENT")
    assert (payment.requested_on, payment.effective_on) == (APRIL, APRIL)
    assert payment.bank_account == autopay.mandate.bank_account
    assert list(payment.targets.values_list("share", "cents")) == [(rent.pk, 1000_00)]
    assert payment.order.period_on == APRIL


@pytest.mark.parametrize("on", [date(2026, 3, 27), date(2026, 4, 7)])
def test_it_is_not_asked_for_before_its_time_nor_long_after(on):
    owe(plan().lease, 1000_00, APRIL)

    assert amounts(on) == []


def test_a_run_that_could_not_happen_is_made_up_for():
    owe(plan().lease, 1000_00, APRIL)

    (payment,) = run(date(2026, 4, 2))

    assert (payment.requested_on, payment.effective_on) == (APRIL, date(2026, 4, 3))


def test_a_late_run_after_the_cut_off_settles_a_banking_day_later():
    lease = plan().lease
    owe(lease, 1000_00, APRIL)
    WindowFactory(profile=lease.unit.property.operating_fund.company.profile)

    run_autopay(on=date(2026, 3, 31), at=datetime(2026, 3, 31, 22, tzinfo=UTC))

    assert Payment.objects.get().effective_on == date(2026, 4, 2)


def test_a_second_run_finds_nothing_to_do():
    owe(plan().lease, 1000_00, APRIL)
    run()

    assert amounts() == []
    assert Order.objects.count() == 1


def test_nothing_due_makes_no_order_and_a_later_charge_is_still_found():
    autopay = plan()
    assert amounts() == []

    owe(autopay.lease, 50_00, APRIL)

    assert amounts(date(2026, 3, 31)) == [50_00]


def test_charges_due_after_the_debit_are_left():
    autopay = plan()
    owe(autopay.lease, 900_00, date(2026, 3, 1))
    owe(autopay.lease, 1000_00, date(2026, 4, 2))

    assert amounts() == [900_00]


def test_each_tenant_is_asked_for_the_own_share():
    lease, first, second = shared_lease()
    plan(mandate=first)
    plan(mandate=second)
    owe(lease, 1001_00, APRIL)

    payments = run()

    assert {(p.tenant, p.cents) for p in payments} == {
        (first.tenant, 500_50),
        (second.tenant, 500_50),
    }


def test_nsf_fees_are_never_asked_for():
    owe(plan().lease, 35_00, APRIL, ChargeKind.NSF_FEE)

    assert amounts() == []


def test_a_charge_reopened_by_a_return_is_not_asked_for_again():
    autopay = plan()
    owe(autopay.lease, 1000_00, DAY)
    payment = PaymentFactory(mandate=autopay.mandate)
    settle(payment)
    give_back(payment)
    owe(autopay.lease, 1000_00, APRIL)

    assert amounts() == [1000_00]


@pytest.mark.parametrize(
    ("status", "retries"), [(PaymentStatus.RETURNED, 0), (PaymentStatus.CANCELLED, 1)]
)
def test_a_charge_whose_payment_came_back_before_settling_is_not_asked_for_again(status, retries):
    autopay = plan()
    (share,) = owe(autopay.lease, 1000_00, DAY)
    aim(PaymentFactory(mandate=autopay.mandate, status=status, retries=retries), share)

    assert amounts() == []


def test_what_is_in_flight_is_not_asked_for_again():
    autopay = plan()
    (share,) = owe(autopay.lease, 1000_00, APRIL)
    aim(PaymentFactory(mandate=autopay.mandate, cents=400_00), share)

    assert amounts() == [600_00]


def test_a_cancelled_payment_is_not_in_flight():
    autopay = plan()
    (share,) = owe(autopay.lease, 1000_00, APRIL)
    aim(PaymentFactory(mandate=autopay.mandate, status=PaymentStatus.CANCELLED), share)

    assert amounts() == [1000_00]


def test_money_paid_ahead_is_taken_off_the_oldest_charge():
    autopay = plan()
    settle(PaymentFactory(mandate=autopay.mandate, cents=300_00))
    (rent,) = owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run()

    assert list(payment.targets.values_list("share", "cents")) == [(rent.pk, 700_00)]


def test_money_in_flight_without_a_target_counts_as_paid_ahead():
    autopay = plan()
    owe(autopay.lease, 1000_00, APRIL)
    PaymentFactory(mandate=autopay.mandate, cents=300_00)

    assert amounts() == [700_00]


def test_each_fund_is_a_debit_of_one_order():
    autopay = plan()
    owe(autopay.lease, 1000_00, APRIL)
    owe(autopay.lease, 20_00, APRIL, ChargeKind.LATE_FEE)
    owe(autopay.lease, 500_00, APRIL, ChargeKind.DEPOSIT)

    payments = run()

    assert {(p.purpose, p.cents) for p in payments} == {("RENT", 1020_00), ("DEPOSIT", 500_00)}
    assert Order.objects.get().cents == 1520_00


def test_the_purpose_of_fees_alone_is_fee():
    owe(plan().lease, 20_00, APRIL, ChargeKind.SERVICE_FEE)

    assert [payment.purpose for payment in run()] == [Purpose.FEE]


def test_a_plan_and_the_one_that_replaces_it_that_day_take_one_debit():
    ahead = {"mode": AutopayMode.FIXED, "cents": 800_00, "allow_prepay": True}
    old = plan(ends_on=APRIL, **ahead)
    plan(mandate=old.mandate, starts_on=APRIL, **ahead)

    assert (amounts(), amounts()) == ([800_00], [])


def test_a_day_that_is_no_banking_day_rolls_forward():
    autopay = plan(day_of_month=31)
    owe(autopay.lease, 1000_00, date(2026, 5, 1))

    (payment,) = run(date(2026, 5, 28))

    # The 31st of May 2026 is a Sunday.
    assert (payment.requested_on, payment.effective_on) == (date(2026, 5, 31), date(2026, 6, 1))
    assert payment.order.period_on == date(2026, 5, 1)


def test_it_rolls_backward_only_where_the_mandate_says_so():
    autopay = plan(day_of_month=31, mandate=MandateFactory(roll=Roll.BACKWARD))
    owe(autopay.lease, 1000_00, date(2026, 5, 1))

    (payment,) = run(date(2026, 5, 27))

    assert (payment.requested_on, payment.effective_on) == (date(2026, 5, 31), date(2026, 5, 29))


def test_the_thirty_first_of_a_shorter_month_is_its_last_day():
    autopay = plan(day_of_month=31)
    owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run(date(2026, 4, 28))

    assert payment.effective_on == date(2026, 4, 30)


@pytest.mark.parametrize(
    "status",
    [MandateStatus.PENDING_VERIFICATION, MandateStatus.PAUSED, MandateStatus.REVOKED],
)
def test_a_mandate_that_is_not_active_is_left_alone(status):
    owe(plan(mandate=MandateFactory(status=status)).lease, 1000_00, APRIL)

    assert amounts() == []


def test_a_closed_account_is_left_alone():
    autopay = plan()
    owe(autopay.lease, 1000_00, APRIL)
    close_account(autopay.mandate.bank_account, "R02")

    assert amounts() == []


@pytest.mark.parametrize(
    "fields", [{"starts_on": date(2026, 4, 2)}, {"ends_on": date(2026, 3, 31)}]
)
def test_a_plan_runs_between_its_days(fields):
    owe(plan(**fields).lease, 1000_00, APRIL)

    assert amounts() == []


def test_a_paused_plan_is_left_alone_until_it_goes_on():
    autopay = plan()
    owe(autopay.lease, 1000_00, APRIL)
    pause_autopay(autopay, starts_on=APRIL, ends_on=date(2026, 5, 31))
    assert amounts() == []

    resume_autopay(autopay, from_on=APRIL)

    assert amounts() == [1000_00]


@pytest.mark.parametrize("fields", [{"min_cents": 1200_00}, {"max_cents": 900_00}])
def test_an_amount_outside_the_authorised_range_waits_for_its_notice(fields):
    autopay = plan(mandate=MandateFactory(**fields))
    owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run()

    assert payment.status == PaymentStatus.HELD
    assert Case.objects.get(subject_id=str(payment.pk)).kind == CaseKind.NOTICE_REQUIRED


def test_the_range_holds_for_the_debits_of_a_date_together():
    autopay = plan(mandate=MandateFactory(max_cents=1400_00))
    owe(autopay.lease, 1000_00, APRIL)
    owe(autopay.lease, 500_00, APRIL, ChargeKind.DEPOSIT)

    assert {payment.status for payment in run()} == {PaymentStatus.HELD}


def limit(autopay, **fields):
    company = autopay.lease.unit.property.operating_fund.company
    return Limit.objects.create(company=company, direction=Direction.DEBIT, **fields)


def test_a_payment_over_the_limit_is_held_with_a_case():
    autopay = plan()
    limit(autopay, per_payment_cents=999_99)
    owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run()

    assert payment.status == PaymentStatus.HELD
    assert Case.objects.get(subject_id=str(payment.pk)).kind == CaseKind.LIMIT


def test_what_is_over_the_days_limit_is_held_and_the_rest_goes():
    lease, first, second = shared_lease()
    limit(plan(mandate=first), per_day_cents=1900_00)
    plan(mandate=second)
    PaymentFactory(mandate=first, cents=500_00, requested_on=APRIL)
    owe(lease, 2000_00, APRIL)

    payments = run()

    assert [payment.status for payment in payments] == ["SCHEDULED", "HELD"]


def test_the_first_event_of_a_payment_says_what_it_was_made_with():
    autopay = plan()
    owe(autopay.lease, 1000_00, APRIL)

    (payment,) = run()

    told = Event.objects.about(payment).get()
    assert (told.kind, told.was, told.became) == ("payment.scheduled", "", "SCHEDULED")
