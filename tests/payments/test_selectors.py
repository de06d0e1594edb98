from datetime import UTC, date, datetime, time, timedelta

import pytest

from housing_ach.mandates.states import AutopayMode
from housing_ach.payments import services
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import (
    can_cancel,
    can_cancel_all,
    dates_of,
    history,
    next_payment,
    payable,
    twin_of,
)
from housing_ach.payments.services import run_autopay
from housing_ach.payments.states import PaymentStatus, Purpose, Stop
from housing_ach.tenants.services import raise_charges
from housing_ach.tenants.states import ChargeKind
from tests.factories import (
    AT,
    AutopayFactory,
    ChargeScheduleFactory,
    MandateFactory,
    PaymentFactory,
    UserFactory,
    WindowFactory,
)
from tests.payments.story import aim, owe, settle, shared_lease

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY = date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 1)
RUN_DAY = date(2026, 3, 30)


def at_noon(on):
    return datetime.combine(on, time(16), UTC)


def profile_of(payment):
    return payment.fund.company.profile


class TestDates:
    def test_a_payment_has_four(self):
        payment = PaymentFactory(requested_on=date(2026, 3, 9))
        WindowFactory(profile=profile_of(payment))

        dates = dates_of(payment, profile_of(payment))

        # The Friday before, an hour before the bank's four o'clock; three banking days to clear.
        assert dates.cut_off_at == datetime(2026, 3, 6, 20, tzinfo=UTC)
        assert (dates.effective_on, dates.settles_on) == (date(2026, 3, 9), date(2026, 3, 9))
        assert dates.clears_on == date(2026, 3, 12)

    def test_of_two_windows_the_first_that_was_still_open_counts(self):
        payment = PaymentFactory(
            requested_on=date(2026, 3, 3), made_at=datetime(2026, 3, 2, 16, tzinfo=UTC)
        )
        for code, hour in (("EARLY", 10), ("LATE", 16), ("LATEST", 18)):
            WindowFactory(profile=profile_of(payment), code=code, cut_off=time(hour))

        dates = dates_of(payment, profile_of(payment))

        assert dates.cut_off_at == datetime(2026, 3, 2, 20, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("minute", "until"), [(59, 20), (60, 21), (119, 21), (120, 20)], ids=str
    )
    def test_what_is_made_after_our_file_can_be_changed_until_the_bank_closes(self, minute, until):
        made_at = datetime(2026, 3, 2, 19, tzinfo=UTC) + timedelta(minutes=minute)
        payment = PaymentFactory(requested_on=date(2026, 3, 3), made_at=made_at)
        WindowFactory(profile=profile_of(payment), cut_off=time(16))

        dates = dates_of(payment, profile_of(payment))

        assert dates.cut_off_at == datetime(2026, 3, 2, until, tzinfo=UTC)

    def test_a_same_day_window_takes_nothing_by_itself(self):
        payment = PaymentFactory()
        WindowFactory(profile=profile_of(payment), same_day=True)

        assert dates_of(payment, profile_of(payment)).cut_off_at is None


class TestCancelling:
    @pytest.mark.parametrize(
        ("status", "stop"),
        [
            (PaymentStatus.HELD, Stop.OK),
            (PaymentStatus.SCHEDULED, Stop.OK),
            (PaymentStatus.BATCHED, Stop.OK),
            (PaymentStatus.SENT, Stop.WITH_BANK),
            (PaymentStatus.SETTLED, Stop.OVER),
            (PaymentStatus.CANCELLED, Stop.OVER),
        ],
    )
    def test_it_ends_with_the_bank(self, status, stop):
        can = can_cancel(PaymentFactory(status=status))

        assert (can.stop, can.ok) == (stop, stop == Stop.OK)

    def test_many_are_looked_at_together(self, django_assert_num_queries):
        PaymentFactory.create_batch(4)
        payments = list(history())

        with django_assert_num_queries(1):
            can = can_cancel_all(payments)

        assert {row.stop for row in can.values()} == {Stop.OK}


class TestHistory:
    def test_the_newest_comes_first_and_prenotes_are_left_out(self):
        old = PaymentFactory(requested_on=date(2026, 3, 4))
        new = PaymentFactory(requested_on=date(2026, 3, 5))
        PaymentFactory(purpose=Purpose.PRENOTE, cents=0)

        assert list(history()) == [new, old]

    def test_it_is_filtered_by_payer_word_and_day(self):
        lease, first, second = shared_lease()
        wanted = PaymentFactory(mandate=first, status=PaymentStatus.CLEARED)
        PaymentFactory(mandate=first, status=PaymentStatus.SCHEDULED)
        PaymentFactory(mandate=first, status=PaymentStatus.SETTLED, requested_on=APRIL)
        PaymentFactory(mandate=second, status=PaymentStatus.SETTLED)

        found = history(
            tenant=first.tenant,
            leases=[lease],
            words=["Settled"],
            since=MARCH,
            until=date(2026, 3, 31),
        )

        assert list(found) == [wanted]

    def test_a_row_costs_no_query(self, django_assert_num_queries):
        PaymentFactory.create_batch(3)

        with django_assert_num_queries(2):
            for payment in history():
                assert payment.bank_account.last_four
                assert payment.lease.unit.property.name
                dates_of(payment, profile_of(payment))


class TestGuard:
    def test_the_same_twice_within_a_day_is_found(self):
        mandate = MandateFactory()
        owe(mandate.lease)
        payer = {"tenant": mandate.tenant, "lease": mandate.lease}
        order = services.pay_now(
            **payer, mandate=mandate, cents=300_00, requested_on=MARCH, by=UserFactory(), at=AT
        )

        assert twin_of(**payer, cents=300_00, at=AT) == order
        assert twin_of(**payer, cents=300_01, at=AT) is None
        assert twin_of(**payer, cents=300_00, at=at_noon(date(2026, 3, 4))) is None

    def test_what_is_on_its_way_is_no_longer_free(self):
        mandate = MandateFactory()
        (share,) = owe(mandate.lease)
        payment = PaymentFactory(mandate=mandate, cents=400_00)
        aim(payment, share)

        facts = payable(tenant=mandate.tenant, lease=mandate.lease)

        assert (facts.open_cents, facts.free_cents, facts.least_cents) == (1000_00, 600_00, 1)
        assert facts.under_way == (payment,)


def next_of(autopay, on=RUN_DAY):
    return next_payment(tenant=autopay.tenant, lease=autopay.lease, at=at_noon(on))


class TestNextPayment:
    def test_it_is_the_one_that_was_made(self):
        autopay = AutopayFactory()
        owe(autopay.lease, 1000_00, APRIL)
        owe(autopay.lease, 500_00, APRIL, ChargeKind.DEPOSIT)
        made = run_autopay(on=RUN_DAY, at=at_noon(RUN_DAY))

        found = next_of(autopay)

        assert (found.cents, found.debit_on, found.ending) == (1500_00, APRIL, "6789")
        assert (found.is_forecast, found.payments) == (False, tuple(made))

    @pytest.mark.parametrize(
        ("terms", "cents"),
        [
            ({}, 1030_00),
            ({"mode": AutopayMode.CAPPED, "cents": 700_00}, 700_00),
            ({"mode": AutopayMode.FIXED, "cents": 2000_00}, 1030_00),
            ({"mode": AutopayMode.FIXED, "cents": 2000_00, "allow_prepay": True}, 2000_00),
            ({"mode": AutopayMode.PERCENT, "basis_points": 5000}, 515_00),
            ({"mode": AutopayMode.RECURRING_ONLY}, 1000_00),
        ],
    )
    def test_else_it_is_what_the_plan_would_take(self, terms, cents):
        autopay = AutopayFactory(**terms)
        ChargeScheduleFactory(lease=autopay.lease, cents=1000_00, starts_on=APRIL)
        owe(autopay.lease, 30_00, MARCH, ChargeKind.LATE_FEE)

        found = next_of(autopay, date(2026, 3, 3))

        assert (found.cents, found.debit_on, found.is_forecast) == (cents, APRIL, True)

    def test_the_forecast_is_what_the_run_then_takes(self):
        autopay = AutopayFactory(mode=AutopayMode.PERCENT, basis_points=3333)
        ChargeScheduleFactory(lease=autopay.lease, cents=1234_57, starts_on=APRIL)
        forecast = next_of(autopay, date(2026, 3, 5))
        raise_charges(on=RUN_DAY, at=AT)

        (pk,) = run_autopay(on=RUN_DAY, at=at_noon(RUN_DAY))

        assert Payment.objects.get(pk=pk).cents == forecast.cents

    def test_a_roommate_is_told_the_own_part_with_the_odd_cent_of_the_primary_tenant(self):
        lease, first, second = shared_lease()
        ChargeScheduleFactory(lease=lease, cents=1000_01, starts_on=APRIL)

        parts = [
            next_of(AutopayFactory(mandate=row), date(2026, 3, 3)).cents for row in (first, second)
        ]

        assert parts == [500_01, 500_00]

    def test_money_paid_ahead_is_taken_off(self):
        autopay = AutopayFactory()
        ChargeScheduleFactory(lease=autopay.lease, cents=1000_00, starts_on=APRIL)
        settle(PaymentFactory(mandate=autopay.mandate, cents=300_00))

        assert next_of(autopay, date(2026, 3, 3)).cents == 700_00

    def test_a_month_that_was_skipped_is_not_next(self):
        autopay = AutopayFactory()
        services.skip_debits(autopay, by=UserFactory(), at=at_noon(RUN_DAY))

        assert next_of(autopay).debit_on == MAY

    def test_a_debit_that_was_stopped_is_not_expected_again(self):
        autopay = AutopayFactory()
        owe(autopay.lease, 1000_00, APRIL)
        (pk,) = run_autopay(on=RUN_DAY, at=at_noon(RUN_DAY))
        payment = Payment.objects.get(pk=pk)
        services.cancel(payment, by=UserFactory(), reason="cheque", at=at_noon(RUN_DAY))

        assert next_of(autopay).debit_on == MAY

    def test_a_debit_outside_the_authorised_range_says_so(self):
        autopay = AutopayFactory(mandate=MandateFactory(max_cents=900_00))
        ChargeScheduleFactory(lease=autopay.lease, cents=1000_00, starts_on=APRIL)

        assert next_of(autopay, date(2026, 3, 3)).out_of_range

    def test_a_month_that_takes_nothing_is_not_next(self):
        autopay = AutopayFactory()
        ChargeScheduleFactory(lease=autopay.lease, cents=1000_00, starts_on=MAY)

        assert next_of(autopay)[:3] == (1000_00, MAY, MAY)

    def test_without_a_plan_there_is_none(self):
        mandate = MandateFactory()

        assert next_payment(tenant=mandate.tenant, lease=mandate.lease, at=AT) is None
