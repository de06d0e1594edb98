"""Regulation E, 12 CFR 1005.10(d): amount and date are told ten calendar days before the debit."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.mandates.models import Notice
from housing_ach.mandates.selectors import notices_to_send
from housing_ach.mandates.services import mark_notice_sent, want_notice
from housing_ach.payments import services
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import notice_of
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.states import ChargeKind
from tests.factories import AutopayFactory, MandateFactory, PaymentFactory, UserFactory
from tests.payments.story import owe, status_of

pytestmark = pytest.mark.django_db

# The first of April 2026 is a Wednesday: told by the 22nd of March, asked for on the 30th.
APRIL = date(2026, 4, 1)
CHARGED_DAY = date(2026, 3, 20)
LAST_DAY = date(2026, 3, 22)
RUN_DAY = date(2026, 3, 30)


def at_noon(on):
    return datetime.combine(on, time(16), UTC)


def dear(*, owed=1600_00, most=1500_00, **fields):
    """A plan whose April debit is more than its payer authorised."""
    autopay = AutopayFactory(mandate=MandateFactory(max_cents=most, **fields))
    owe(autopay.lease, owed, APRIL)
    return autopay


def plan(on=CHARGED_DAY):
    ids = services.plan_notices(on=on, at=at_noon(on))
    return list(Notice.objects.filter(pk__in=ids).order_by("pk"))


def tell(notice, on=LAST_DAY):
    mark_notice_sent(notice, template_version="varying-1", at=at_noon(on))


def run(on=RUN_DAY):
    made = services.run_autopay(on=on, at=at_noon(on))
    return list(Payment.objects.filter(pk__in=made).order_by("pk"))


def release(payment, on=RUN_DAY):
    services.release(payment, by=UserFactory(), reason="told", at=at_noon(on))


def move_on(payment, on=RUN_DAY, **fields):
    return services.reschedule_for_notice(payment, by=UserFactory(), at=at_noon(on), **fields)


def test_a_notice_is_asked_for_as_soon_as_the_charge_is_there():
    autopay = dear()

    (notice,) = plan()

    assert (notice.mandate, notice.cents, notice.debit_on) == (autopay.mandate, 1600_00, APRIL)
    assert notice.sent_at is None


def test_it_is_asked_for_once():
    dear()
    plan()

    assert plan() == []
    assert plan(LAST_DAY) == []


def test_an_amount_that_changes_needs_a_notice_of_its_own():
    autopay = dear()
    (first,) = plan()
    owe(autopay.lease, 50_00, APRIL, ChargeKind.UTILITY)

    (second,) = plan(LAST_DAY)

    assert second.cents == 1650_00
    assert list(notices_to_send(at_noon(LAST_DAY))) == [second]
    assert first.pk != second.pk


@pytest.mark.parametrize("fields", [{"owed": 1500_00}, {"most": 1600_00}])
def test_within_the_range_nothing_need_be_told(fields):
    dear(**fields)

    assert plan() == []


@pytest.mark.parametrize("on", [date(2026, 3, 19), date(2026, 3, 23)])
def test_neither_what_is_not_charged_yet_nor_what_is_too_late_is_planned(on):
    dear()

    assert plan(on) == []


def test_a_debit_told_in_time_goes_by_itself():
    dear()
    (notice,) = plan()
    tell(notice)

    (payment,) = run()

    assert (payment.status, payment.effective_on) == (PaymentStatus.SCHEDULED, APRIL)


def test_a_debit_told_nine_days_before_is_held():
    dear()
    (notice,) = plan()
    tell(notice, LAST_DAY + timedelta(days=1))

    (payment,) = run()

    assert payment.status == PaymentStatus.HELD


def test_a_debit_of_another_amount_than_was_told_is_held():
    autopay = dear()
    (notice,) = plan()
    tell(notice)
    owe(autopay.lease, 1, APRIL, ChargeKind.UTILITY)

    (payment,) = run()

    assert payment.status == PaymentStatus.HELD


def test_a_notice_that_is_too_late_is_not_sent():
    dear()
    plan()

    assert list(notices_to_send(at_noon(LAST_DAY + timedelta(days=1)))) == []


def test_a_notice_is_stamped_once():
    dear()
    (notice,) = plan()

    assert mark_notice_sent(notice, template_version="varying-1", at=at_noon(LAST_DAY))
    assert not mark_notice_sent(notice, template_version="varying-2", at=at_noon(RUN_DAY))
    assert (notice.template_version, notice.lawful_on) == ("varying-1", APRIL)
    assert Event.objects.about(notice).filter(kind="notice.sent").count() == 1


@pytest.mark.parametrize(
    "change", [{"cents": 1}, {"debit_on": RUN_DAY}, {"sent_at": None, "lawful_on": None}]
)
def test_the_database_keeps_what_was_told(change):
    dear()
    (notice,) = plan()
    tell(notice)

    with pytest.raises(DatabaseError, match="is forbidden"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**change)


def test_the_database_keeps_that_a_sent_notice_says_when():
    dear()
    (notice,) = plan()

    with (
        pytest.raises(IntegrityError, match="sent_notice_says_when_and_what"),
        transaction.atomic(),
    ):
        Notice.objects.filter(pk=notice.pk).update(sent_at=at_noon(LAST_DAY))


def test_what_was_not_told_is_not_released_and_the_first_day_is_named():
    dear()
    (payment,) = run()

    with pytest.raises(services.NoticeRequired, match="2026-04-09"):
        release(payment)

    assert status_of(payment) == PaymentStatus.HELD


def test_it_moves_to_the_first_lawful_day_which_its_notice_names():
    autopay = dear()
    (payment,) = run()

    notice = move_on(payment)

    assert (notice.mandate, notice.cents) == (autopay.mandate, 1600_00)
    assert notice.debit_on == payment.effective_on == date(2026, 4, 9)
    assert payment.status == PaymentStatus.HELD
    assert Event.objects.about(payment).filter(kind="payment.rescheduled").exists()


def test_it_is_released_once_its_notice_is_sent():
    dear()
    (payment,) = run()
    notice = move_on(payment)
    with pytest.raises(services.NoticeRequired):
        release(payment)
    tell(notice, RUN_DAY)

    release(payment)

    assert (payment.status, payment.effective_on) == (PaymentStatus.SCHEDULED, date(2026, 4, 9))
    assert Case.objects.get().status == CaseStatus.RESOLVED


def test_a_notice_sent_a_day_late_needs_another_day():
    dear()
    (payment,) = run()
    next_day = RUN_DAY + timedelta(days=1)
    tell(move_on(payment), next_day)
    with pytest.raises(services.NoticeRequired, match="2026-04-10"):
        release(payment, next_day)

    tell(move_on(payment, next_day), next_day)
    release(payment, next_day)

    assert payment.effective_on == date(2026, 4, 10)


def test_a_release_after_the_day_that_was_told_is_too_late():
    dear()
    (payment,) = run()
    tell(move_on(payment), RUN_DAY)

    with pytest.raises(services.NoticeRequired):
        release(payment, date(2026, 4, 10))


@pytest.mark.parametrize("day", [date(2026, 4, 8), date(2026, 4, 11)])
def test_it_moves_to_no_day_that_is_too_soon_or_no_banking_day(day):
    dear()
    (payment,) = run()

    with pytest.raises(services.DateNotAllowed):
        move_on(payment, debit_on=day)


def test_the_notice_of_a_debit_can_be_looked_at():
    dear()
    (payment,) = run()
    assert notice_of(payment) is None

    notice = move_on(payment)

    assert notice_of(payment) == notice
    assert notice_of(PaymentFactory()) is None


def test_what_is_held_for_another_reason_needs_no_notice():
    payment = PaymentFactory()
    services.hold([payment.pk], kind=CaseKind.HOLD, reason="odd", at=at_noon(RUN_DAY))

    with pytest.raises(services.NoNoticeNeeded):
        move_on(payment)


def two_funds():
    autopay = dear()
    owe(autopay.lease, 500_00, APRIL, ChargeKind.DEPOSIT)
    return run()


def test_debits_of_two_funds_are_one_case_and_one_notice():
    rent, deposit = two_funds()

    notice = move_on(deposit)

    assert notice.cents == 2100_00
    rent.refresh_from_db()
    assert rent.effective_on == deposit.effective_on == notice.debit_on
    case = Case.objects.get()
    assert (case.kind, case.cents) == (CaseKind.NOTICE_REQUIRED, 2100_00)
    assert case.facts["payments"] == [rent.pk, deposit.pk]


def test_one_decision_releases_both():
    rent, deposit = two_funds()
    tell(move_on(rent), RUN_DAY)
    deposit.refresh_from_db()

    release(deposit)

    assert {status_of(rent), status_of(deposit)} == {PaymentStatus.SCHEDULED}
    assert Case.objects.get().status == CaseStatus.RESOLVED


def test_cancelling_one_of_them_leaves_the_other_its_case():
    rent, deposit = two_funds()

    services.cancel(rent, by=UserFactory(), reason="paid by cheque", at=at_noon(RUN_DAY))

    assert Case.objects.open().get().subject_id == str(deposit.pk)


def test_what_is_left_within_the_range_needs_no_notice():
    rent, deposit = two_funds()
    services.cancel(rent, by=UserFactory(), reason="paid by cheque", at=at_noon(RUN_DAY))

    release(deposit)

    assert status_of(deposit) == PaymentStatus.SCHEDULED


def test_only_the_part_below_the_least_amount_waits():
    autopay = AutopayFactory(mandate=MandateFactory(min_cents=100_00))
    owe(autopay.lease, 1000_00, APRIL)
    owe(autopay.lease, 50_00, APRIL, ChargeKind.DEPOSIT)

    payments = run()

    assert {(p.cents, p.status) for p in payments} == {(1000_00, "SCHEDULED"), (50_00, "HELD")}
    assert Case.objects.get().cents == 50_00


def test_a_second_look_finds_what_moved_off_the_day_that_was_told():
    dear()
    (notice,) = plan()
    tell(notice)
    (payment,) = run()

    assert services.check_still_payable([payment.pk], on=APRIL) == {}
    late = services.check_still_payable([payment.pk], on=date(2026, 4, 2))

    assert late[payment.pk][0] == CaseKind.NOTICE_REQUIRED


def test_a_retry_is_the_debit_that_was_told():
    dear()
    (notice,) = plan()
    tell(notice)
    (payment,) = run()
    Payment.objects.filter(pk=payment.pk).update(
        status=PaymentStatus.SCHEDULED, retries=1, first_settled_on=APRIL
    )

    assert services.check_still_payable([payment.pk], on=date(2026, 4, 9)) == {}


def test_asking_for_the_same_notice_again_gives_the_same():
    mandate = MandateFactory()
    asked = {"mandate": mandate, "cents": 5_00, "debit_on": APRIL}

    first = want_notice(**asked, at=at_noon(CHARGED_DAY))

    assert want_notice(**asked, at=at_noon(LAST_DAY)) == first
