"""Reminders: seven days and one day before a debit, or as the policy says, once each."""

from datetime import date, timedelta

import pytest
from django.core import mail

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import Notice
from housing_ach.mandates.services import pause_autopay
from housing_ach.notices import services
from housing_ach.notices.models import Message
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold, plan_notices, run_autopay
from housing_ach.tenants.models import Policy
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.services import system_user
from tests.factories import AT, AutopayFactory, PaymentFactory, UnitFactory
from tests.notices.letters import APRIL, WEEK, noon, plan, renting, upcoming
from tests.payments.story import owe

pytestmark = pytest.mark.django_db

EVE = date(2026, 3, 31)
RUN_DAY = date(2026, 3, 30)
TOLD_BY = date(2026, 3, 22)


def run():
    return run_autopay(on=RUN_DAY, at=noon(RUN_DAY))


def test_a_week_before_the_plan_is_told_as_it_would_be_today():
    autopay = plan()

    (message,) = upcoming(WEEK)

    assert message.title == "About $1,000.00 will be taken on April 1, 2026"
    assert "Account ending in: 6789\nRent: $1,000.00" in message.body
    assert "This is what you owe today." in message.body
    assert (message.subject, message.subject_id) == ("mandates.autopay", str(autopay.pk))


def test_the_day_before_the_debit_is_told_as_it_is():
    plan()
    (payment,) = run()

    (message,) = upcoming(EVE)

    assert message.title == "$1,000.00 will be taken on April 1, 2026"
    assert f"/payments/{payment}/" in message.body


def test_each_is_told_once_whoever_looks_how_often():
    plan()
    upcoming(WEEK)
    upcoming(WEEK + timedelta(days=1))
    run()

    upcoming(EVE)

    assert len(upcoming(EVE)) == 2


@pytest.mark.parametrize("on", [date(2026, 3, 24), APRIL])
def test_neither_earlier_nor_on_the_day(on):
    plan()

    assert upcoming(on) == []


def test_a_look_that_comes_late_tells_the_nearest_alone():
    plan()

    (message,) = upcoming(EVE)

    assert message.occasion.endswith(":1")


def test_the_property_says_how_many_days_ahead():
    autopay = plan()
    Policy.objects.create(
        property=autopay.lease.unit.property,
        reminder_days=[3],
        changed_at=AT,
        changed_by=system_user(),
    )
    assert upcoming(WEEK) == []

    assert len(upcoming(date(2026, 3, 29))) == 1


def test_a_plan_that_rests_takes_nothing_and_tells_nothing():
    pause_autopay(plan(), starts_on=APRIL, ends_on=APRIL)

    assert upcoming(WEEK) == []


def test_who_owes_nothing_is_told_nothing():
    AutopayFactory(mandate=renting())

    assert upcoming(WEEK) == []


def test_what_is_held_is_not_announced():
    plan()
    made = run()
    hold(made, kind=CaseKind.HOLD, reason="odd", at=AT)

    assert upcoming(EVE) == []


def test_who_asks_today_for_tomorrow_knows_of_it():
    mandate = renting()
    PaymentFactory(mandate=mandate, requested_on=EVE, order__made_at=noon(EVE - timedelta(days=1)))
    PaymentFactory(mandate=mandate, requested_on=EVE, order__made_at=noon(EVE - timedelta(days=2)))

    assert len(upcoming(EVE - timedelta(days=1))) == 1


def test_debits_of_two_funds_are_one_reminder_with_both_amounts():
    autopay = plan()
    owe(autopay.lease, 500_00, APRIL, ChargeKind.DEPOSIT)
    run()

    (message,) = upcoming(EVE)

    assert message.title.startswith("$1,500.00")
    assert "One debit on your bank statement: $1,000.00\n" in message.body
    assert "One debit on your bank statement: $500.00\n" in message.body


def test_many_plans_take_no_more_queries_than_few(django_assert_max_num_queries):
    home = UnitFactory()
    for number in range(12):
        plan(email=f"ada{number}@example.org", unit=home)

    with django_assert_max_num_queries(36):
        assert len(upcoming(WEEK)) == 12


class TestWhatTheLawAsksFor:
    """12 CFR 1005.10(d): the notice is sent, and then its debit may go."""

    @pytest.fixture
    def notice(self):
        plan(1600_00, max_cents=1500_00)
        plan_notices(on=date(2026, 3, 20), at=noon(date(2026, 3, 20)))
        return Notice.objects.get()

    def tell(self, on):
        services.plan_required(at=noon(on))
        services.send_waiting(at=noon(on))

    def test_it_is_sent_and_stamped(self, notice):
        self.tell(TOLD_BY)

        notice.refresh_from_db()
        (sent,) = mail.outbox
        assert "$1,600.00" in sent.subject
        assert "between $0.01 and $1,500.00" in sent.body
        assert (notice.template_version, notice.sent_at) == ("varying_amount-1", noon(TOLD_BY))
        assert Event.objects.about(notice).filter(kind="notice.sent").count() == 1

    def test_its_debit_goes_by_itself(self, notice):
        self.tell(TOLD_BY)

        (payment,) = run()

        assert status_of(payment) == "SCHEDULED"

    def test_it_is_sent_once(self, notice):
        self.tell(TOLD_BY)
        self.tell(TOLD_BY)

        assert len(mail.outbox) == 1

    def test_one_that_waited_too_long_is_not_sent_and_the_debit_is_held(self, notice):
        services.plan_required(at=noon(TOLD_BY))
        late = TOLD_BY + timedelta(days=1)

        services.send_waiting(at=noon(late))

        assert mail.outbox == []
        assert Message.objects.get().status == "FAILED"
        assert Case.objects.filter(kind=CaseKind.NOTICE_NOT_SENT).exists()
        (payment,) = run()
        assert status_of(payment) == "HELD"


def status_of(pk):
    return Payment.objects.values_list("status", flat=True).get(pk=pk)
