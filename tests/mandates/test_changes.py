"""A plan is edited in place; what the payer did not sign needs a new permission first."""

from datetime import UTC, date, datetime

import pytest

from housing_ach.audit.models import Event
from housing_ach.mandates import services
from housing_ach.mandates.selectors import days_if_resumed, debit_plan
from housing_ach.mandates.states import AutopayMode, MandateStatus, Moved, Roll
from tests.factories import AT, AutopayFactory, BankAccountFactory, MandateFactory, UserFactory

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


def change(autopay, **changes):
    return services.change_autopay(autopay, by=UserFactory(), at=AT, **changes)


def test_the_day_changes_and_the_rest_stays():
    autopay = AutopayFactory(mode=AutopayMode.CAPPED, cents=900_00)

    change(autopay, day_of_month=15)

    assert (autopay.day_of_month, autopay.mode, autopay.cents) == (15, "CAPPED", 900_00)


def test_a_mode_comes_with_its_own_amount():
    autopay = AutopayFactory(mode=AutopayMode.FIXED, cents=900_00, allow_prepay=True)

    change(autopay, mode=AutopayMode.PERCENT, basis_points=2500)

    assert (autopay.cents, autopay.basis_points, autopay.allow_prepay) == (None, 2500, False)


def test_what_changed_is_told():
    autopay, clerk = AutopayFactory(), UserFactory()

    services.change_autopay(autopay, day_of_month=15, by=clerk, at=AT)

    told = Event.objects.about(autopay).get(kind="autopay.changed")
    assert (told.data["to"], told.data["by"]) == ({"day_of_month": 15}, clerk.pk)


def test_changing_nothing_tells_nothing():
    autopay = AutopayFactory(day_of_month=1)

    change(autopay, day_of_month=1)

    assert not Event.objects.about(autopay).filter(kind="autopay.changed").exists()


def test_another_account_comes_with_its_own_permission():
    autopay = AutopayFactory()
    other = MandateFactory(
        lease=autopay.lease,
        bank_account=BankAccountFactory(tenant=autopay.tenant),
        roll=Roll.BACKWARD,
    )

    change(autopay, mandate=other)

    assert autopay.mandate == other


@pytest.mark.parametrize("fields", [{"status": MandateStatus.REVOKED}, {"recurring": False}])
def test_a_permission_that_does_not_hold_is_refused(fields):
    autopay = AutopayFactory()

    with pytest.raises(services.NotPlannable):
        change(autopay, mandate=MandateFactory(lease=autopay.lease, **fields))


def test_anothers_permission_is_refused():
    with pytest.raises(services.NotPlannable):
        change(AutopayFactory(), mandate=MandateFactory())


@pytest.mark.parametrize(
    "terms",
    [
        {"mode": AutopayMode.FIXED, "cents": 1000_01},
        {"mode": AutopayMode.CAPPED, "cents": 1000_01},
        {"mode": AutopayMode.FIXED, "cents": 99},
    ],
)
def test_what_goes_beyond_the_permission_needs_a_new_one(terms):
    autopay = AutopayFactory(mandate=MandateFactory(min_cents=1_00, max_cents=1000_00))

    with pytest.raises(services.BeyondMandate):
        change(autopay, **terms)

    wider = MandateFactory(lease=autopay.lease, max_cents=2000_00)
    assert change(autopay, mandate=wider, **terms).cents == terms["cents"]


def test_a_new_plan_does_not_go_beyond_the_permission_either():
    with pytest.raises(services.BeyondMandate):
        services.set_up_autopay(
            mandate=MandateFactory(max_cents=1000_00),
            mode=AutopayMode.FIXED,
            cents=1000_01,
            day_of_month=1,
            starts_on=MARCH,
        )


def test_a_mode_without_its_amount_is_refused():
    with pytest.raises(services.BadPlan):
        change(AutopayFactory(), mode=AutopayMode.FIXED)


def test_a_plan_that_ended_is_history():
    with pytest.raises(services.PlanEnded):
        change(AutopayFactory(ends_on=MARCH), day_of_month=5)


def test_the_next_twelve_debits_say_why_they_moved():
    rows = debit_plan(day_of_month=4, roll=Roll.FORWARD, on=date(2026, 6, 10))

    assert len(rows) == 12
    assert rows[0] == (date(2026, 7, 4), date(2026, 7, 6), Moved.WEEKEND)
    assert rows[1] == (date(2026, 8, 4), date(2026, 8, 4), Moved.NOT)


@pytest.mark.parametrize(
    ("on", "number", "roll", "debit_on", "why"),
    [
        (date(2026, 11, 1), 11, Roll.FORWARD, date(2026, 11, 12), "Veterans Day"),
        (date(2026, 12, 1), 25, Roll.BACKWARD, date(2026, 12, 24), "Christmas Day"),
        # The 4th of July 2027 is a Sunday: the Monday after it is closed.
        (date(2027, 7, 1), 5, Roll.FORWARD, date(2027, 7, 6), "Independence Day"),
        (date(2026, 2, 1), 31, Roll.BACKWARD, date(2026, 2, 27), "weekend"),
    ],
)
def test_a_debit_moves_for_a_reason_with_a_name(on, number, roll, debit_on, why):
    (row,) = debit_plan(day_of_month=number, roll=roll, on=on, count=1)

    assert (row.debit_on, str(row.moved.label)) == (debit_on, why)


def test_the_days_that_come_back_can_be_shown_before_a_plan_goes_on():
    autopay = AutopayFactory()
    services.pause_autopay(autopay, starts_on=MARCH, ends_on=date(2026, 12, 31))

    assert days_if_resumed(autopay, date(2026, 4, 1), 1) == [date(2026, 4, 1)]


def test_a_change_tomorrow_is_still_of_a_plan_that_ends_today():
    autopay = AutopayFactory(ends_on=date(2026, 3, 2))

    services.change_autopay(
        autopay, day_of_month=5, by=UserFactory(), at=datetime(2026, 3, 2, 23, tzinfo=UTC)
    )

    assert autopay.day_of_month == 5
