from calendar import monthrange
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from housing_ach.audit.models import Event
from housing_ach.mandates import services
from housing_ach.mandates.models import Autopay
from housing_ach.mandates.selectors import debit_day, requested_day, upcoming_debit_days
from housing_ach.mandates.states import AutopayMode, MandateStatus, Roll
from housing_ach.shared.business_days import is_banking_day
from tests.factories import AutopayFactory, MandateFactory

MONTHS = st.dates(date(2024, 1, 1), date(2032, 12, 31)).map(lambda day: day.replace(day=1))
MARCH = date(2026, 3, 1)


@given(number=st.integers(1, 31), month=MONTHS)
def test_the_day_is_the_one_named_or_the_months_last(number, month):
    day = requested_day(number, month)

    last = monthrange(month.year, month.month)[1]
    assert (day.year, day.month, day.day) == (month.year, month.month, min(number, last))


@given(number=st.integers(1, 31), month=MONTHS)
def test_a_debit_is_on_the_nearest_banking_day_on_its_side(number, month):
    wanted = requested_day(number, month)

    later, earlier = (debit_day(number, month, roll) for roll in (Roll.FORWARD, Roll.BACKWARD))

    assert earlier <= wanted <= later
    assert is_banking_day(earlier)
    assert is_banking_day(later)
    between = [earlier + timedelta(days=n) for n in range(1, (later - earlier).days)]
    assert not any(is_banking_day(day) for day in between)


def test_the_31st_does_not_drift():
    days = [requested_day(31, date(2026, month, 1)) for month in (1, 2, 3)]

    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


@pytest.mark.django_db
class TestPlans:
    def test_the_next_debits_are_shown_as_they_settle(self):
        autopay = AutopayFactory(day_of_month=31)

        days = upcoming_debit_days(autopay, MARCH, 4)

        # The 28th of February is a Saturday and the 31st of May a Sunday: both roll into a new month.
        assert days == [date(2026, 3, 2), date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 1)]

    def test_they_begin_and_end_with_the_plan(self):
        autopay = AutopayFactory(starts_on=date(2026, 4, 1), ends_on=date(2026, 5, 1))

        assert upcoming_debit_days(autopay, MARCH, 12) == [date(2026, 4, 1), date(2026, 5, 1)]

    def test_skipped_debits_are_not_shown(self):
        autopay = AutopayFactory()
        services.skip_next(autopay, on=date(2026, 3, 3), count=2)

        assert upcoming_debit_days(autopay, date(2026, 3, 3), 1) == [date(2026, 6, 1)]

    def test_a_pause_may_end_early(self):
        autopay = AutopayFactory()
        services.pause_autopay(autopay, starts_on=MARCH, ends_on=date(2026, 12, 31), reason="away")

        services.resume_autopay(autopay, from_on=date(2026, 5, 1))

        assert upcoming_debit_days(autopay, MARCH, 1) == [date(2026, 5, 1)]
        told = Event.objects.about(autopay).filter(kind__startswith="autopay.").order_by("id")
        assert list(told.values_list("kind", flat=True)) == ["autopay.paused", "autopay.resumed"]

    def test_what_is_not_paused_does_not_go_on(self):
        autopay = AutopayFactory()
        services.pause_autopay(autopay, starts_on=MARCH, ends_on=MARCH)

        with pytest.raises(services.NothingToResume):
            services.resume_autopay(autopay, from_on=date(2026, 3, 2))

    def test_a_pause_ends_after_it_starts(self):
        with pytest.raises(services.BadPlan):
            services.pause_autopay(AutopayFactory(), starts_on=MARCH, ends_on=date(2026, 2, 28))

    @pytest.mark.parametrize("count", [0, 400])
    def test_a_skip_is_of_debits_there_are(self, count):
        with pytest.raises(services.BadPlan):
            services.skip_next(AutopayFactory(), on=MARCH, count=count)

    def test_a_plan_is_of_its_mandates_payer(self):
        mandate = MandateFactory()

        autopay = set_up(mandate)

        assert (autopay.tenant, autopay.lease) == (mandate.tenant, mandate.lease)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"cents": 5_00}, "cents"),
            ({"mode": AutopayMode.CAPPED}, "cents"),
            ({"mode": AutopayMode.FIXED, "cents": 0}, "cents"),
            ({"mode": AutopayMode.RECURRING_ONLY, "cents": 5_00}, "cents"),
            ({"basis_points": 5000}, "basis_points"),
            ({"mode": AutopayMode.PERCENT}, "basis_points"),
            ({"mode": AutopayMode.PERCENT, "basis_points": 10_001}, "basis_points"),
            ({"mode": AutopayMode.PERCENT, "basis_points": 5000, "cents": 5_00}, "cents"),
            ({"day_of_month": 0}, "day_of_month"),
            ({"day_of_month": 32}, "day_of_month"),
            ({"allow_prepay": True}, "allow_prepay"),
        ],
    )
    def test_terms_that_do_not_fit_together_are_refused(self, changes, field):
        with pytest.raises(services.BadPlan) as refused:
            set_up(MandateFactory(), **changes)

        assert refused.value.field == field
        assert not Autopay.objects.exists()

    @pytest.mark.parametrize(
        ("terms", "rule"),
        [
            ({"mode": AutopayMode.PERCENT, "basis_points": None}, "autopay_part_fits_its_mode"),
            ({"mode": AutopayMode.PERCENT, "basis_points": 0}, "autopay_part_fits_its_mode"),
            ({"mode": AutopayMode.RECURRING_ONLY, "cents": 1}, "autopay_amount_fits_its_mode"),
            ({"mode": AutopayMode.FIXED, "cents": None}, "autopay_amount_fits_its_mode"),
        ],
    )
    def test_the_database_keeps_terms_that_fit_together(self, terms, rule):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            AutopayFactory(**terms)

    @pytest.mark.parametrize("fields", [{"status": MandateStatus.REVOKED}, {"recurring": False}])
    def test_a_plan_needs_a_recurring_permission(self, fields):
        with pytest.raises(services.NotPlannable):
            set_up(MandateFactory(**fields))

    def test_a_payer_has_one_plan_for_a_lease(self):
        mandate = MandateFactory()
        set_up(mandate)

        with pytest.raises(services.PlanExists):
            set_up(mandate)

    def test_once_it_has_ended_another_may_begin(self):
        mandate = MandateFactory()
        services.end_autopay(set_up(mandate), on=MARCH)

        assert set_up(mandate).ends_on is None


def set_up(mandate, **changes):
    plan = {"mode": AutopayMode.FULL_BALANCE, "day_of_month": 1, "starts_on": MARCH}
    return services.set_up_autopay(mandate=mandate, **{**plan, **changes})
