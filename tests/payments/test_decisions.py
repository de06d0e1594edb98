from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from housing_ach.audit.models import Event
from housing_ach.audit.move import IllegalMove, StaleState
from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.mandates.models import Autopay, Mandate
from housing_ach.mandates.services import MandateInactive, block
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments import services
from housing_ach.payments.models import Payment, PaymentTarget
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.services import system_user
from tests.factories import (
    AT,
    AutopayFactory,
    MandateFactory,
    PaymentFactory,
    UserFactory,
    WindowFactory,
)
from tests.payments.story import aim, owe, status_of

pytestmark = pytest.mark.django_db


def waiting(**fields):
    """A clerk's payment that waits for a second person."""
    mandate = MandateFactory()
    owe(mandate.lease)
    order = services.pay_now(
        tenant=mandate.tenant,
        lease=mandate.lease,
        mandate=mandate,
        cents=1000_00,
        requested_on=date(2026, 3, 6),
        by=UserFactory(),
        at=AT,
        needs_approval=True,
        **fields,
    )
    return order.payments.get()


def held(**fields):
    payment = PaymentFactory(**fields)
    services.hold([payment.pk], kind=CaseKind.HOLD, reason="odd", at=AT)
    payment.refresh_from_db()
    return payment


def test_a_second_person_approves():
    payment, checker = waiting(), UserFactory()

    services.approve(payment, by=checker, at=AT)

    payment.refresh_from_db()
    assert (payment.status, payment.approved_by) == (PaymentStatus.SCHEDULED, checker)
    assert payment.approved_sha == payment.content_sha


def test_its_maker_does_not_approve_it():
    payment = waiting()

    with pytest.raises(services.SamePerson):
        services.approve(payment, by=payment.made_by, at=AT)

    assert status_of(payment) == PaymentStatus.AWAITING_APPROVAL


def test_the_second_of_two_checkers_is_told():
    payment = waiting()
    same = Payment.objects.get(pk=payment.pk)
    services.approve(payment, by=UserFactory(), at=AT)

    with pytest.raises(StaleState):
        services.approve(same, by=UserFactory(), at=AT)


def test_a_payment_that_gained_a_target_is_not_what_was_asked_for():
    payment = waiting()
    aim(payment, *owe(payment.lease, 5_00))

    with pytest.raises(services.ContentChanged):
        services.approve(payment, by=UserFactory(), at=AT)


def test_a_late_approval_moves_the_debit_to_the_next_banking_day():
    payment = waiting()

    services.approve(payment, by=UserFactory(), at=datetime(2026, 3, 13, 15, tzinfo=UTC))

    assert (payment.requested_on, payment.effective_on) == (date(2026, 3, 6), date(2026, 3, 16))


def test_what_is_approved_after_the_cut_off_settles_a_banking_day_later():
    payment = waiting()
    WindowFactory(profile=payment.fund.company.profile)

    services.approve(payment, by=UserFactory(), at=datetime(2026, 3, 13, 22, tzinfo=UTC))

    assert payment.effective_on == date(2026, 3, 17)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"status": "SCHEDULED"}, "payment_is_approved_as_it_is"),
        ({"status": "SCHEDULED", "approved_sha": "0" * 64}, "payment_is_approved_as_it_is"),
        ({"retries": 3}, "at_most_two_retries"),
    ],
)
def test_the_database_keeps_what_was_not_approved(changes, rule):
    payment = waiting()

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**changes)


@pytest.mark.parametrize("role", ["approved_by", "released_by"])
def test_the_database_keeps_maker_and_checker_apart(role):
    payment = waiting()

    with pytest.raises(IntegrityError, match="payment_maker"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**{role: payment.made_by})


@pytest.mark.parametrize("column", ["cents", "requested_on", "mandate_id", "content_sha"])
def test_the_terms_of_a_payment_never_change(column):
    payment = waiting()

    with pytest.raises(DatabaseError, match="is forbidden"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**{column: getattr(payment, column)})


def test_a_payment_is_never_deleted():
    payment = PaymentFactory()

    with pytest.raises(DatabaseError, match="is forbidden"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).delete()


def test_targets_are_never_changed():
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        PaymentTarget.objects.update(cents=1)


def test_a_hold_opens_a_case_for_each_it_could_hold():
    first, sent = PaymentFactory(), PaymentFactory(status=PaymentStatus.SETTLED)

    done = services.hold([first.pk, sent.pk], kind=CaseKind.HOLD, reason="odd", at=AT)

    assert done == [first.pk]
    case = Case.objects.get()
    assert (case.subject_id, case.cents) == (str(first.pk), first.cents)
    assert "odd" in case.summary


def test_a_person_releases_a_held_payment_and_its_case_is_resolved():
    payment, clerk = held(), UserFactory()

    services.release(payment, by=clerk, reason="seen", at=AT)

    payment.refresh_from_db()
    assert (payment.status, payment.released_by) == (PaymentStatus.SCHEDULED, clerk)
    assert Case.objects.get().status == CaseStatus.RESOLVED
    assert Event.objects.about(payment).latest("id").data == {"reason": "seen"}


def test_releasing_leaves_a_case_about_missing_trust_money_open():
    payment = held()
    open_case(CaseKind.TRUST_SHORTAGE, "payments.payment", payment.pk, "left", at=AT, cents=1)

    services.release(payment, by=UserFactory(), reason="seen", at=AT)

    assert Case.objects.open().get().kind == CaseKind.TRUST_SHORTAGE


def test_a_released_payment_still_waits_for_its_approval():
    payment = waiting()
    services.hold([payment.pk], kind=CaseKind.HOLD, reason="odd", at=AT)
    payment.refresh_from_db()

    services.release(payment, by=UserFactory(), reason="seen", at=AT)

    assert payment.status == PaymentStatus.AWAITING_APPROVAL


def test_the_machine_does_not_release_what_it_held():
    with pytest.raises(services.SamePerson):
        services.release(held(), by=system_user(), reason="seen", at=AT)


@pytest.mark.parametrize("decide", [services.release, services.cancel])
@pytest.mark.parametrize("reason", ["  ", "x" * 201])
def test_a_decision_needs_a_reason_that_fits(decide, reason):
    payment = held()

    with pytest.raises(services.NoReason):
        decide(payment, by=UserFactory(), reason=reason, at=AT)

    assert status_of(payment) == PaymentStatus.HELD


def test_a_payment_whose_mandate_is_blocked_is_not_released():
    payment = held()
    block(payment.mandate, "R10", AT)

    with pytest.raises(MandateInactive):
        services.release(payment, by=UserFactory(), reason="seen", at=AT)

    assert Case.objects.get().status == CaseStatus.OPEN


def test_only_what_is_held_is_released():
    with pytest.raises(IllegalMove):
        services.release(
            PaymentFactory(status=PaymentStatus.SETTLED), by=UserFactory(), reason="x", at=AT
        )


@pytest.mark.parametrize(
    "status",
    [PaymentStatus.HELD, PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED, "BATCHED"],
)
def test_what_is_not_with_the_bank_is_cancelled(status):
    payment = PaymentFactory(status=status)

    services.cancel(payment, by=UserFactory(), reason="moved out", at=AT)

    assert status_of(payment) == PaymentStatus.CANCELLED


@pytest.mark.parametrize("status", [PaymentStatus.SENT, PaymentStatus.SETTLED])
def test_what_is_with_the_bank_is_not_cancelled(status):
    payment = PaymentFactory(status=status)

    with pytest.raises(services.TooLate) as refused:
        services.cancel(payment, by=UserFactory(), reason="moved out", at=AT)

    assert refused.value.ids == (payment.pk,)


def test_revoking_cancels_what_is_not_sent_and_names_the_rest():
    mandate = MandateFactory()
    autopay = AutopayFactory(mandate=mandate)
    payments = [PaymentFactory(mandate=mandate, status=s) for s in ("SCHEDULED", "SENT", "SETTLED")]
    services.hold([payments[0].pk], kind=CaseKind.HOLD, reason="odd", at=AT)

    done = services.revoke_mandate(mandate, by=UserFactory(), reason="asked to", at=AT)

    assert done == services.Revoked([payments[0].pk], [payments[1].pk])
    assert Mandate.objects.get(pk=mandate.pk).status == MandateStatus.REVOKED
    assert Autopay.objects.get(pk=autopay.pk).ends_on == date(2026, 3, 2)
    assert Case.objects.get().status == CaseStatus.RESOLVED


def test_revoking_again_does_nothing():
    mandate = MandateFactory()
    services.revoke_mandate(mandate, by=UserFactory(), reason="asked to", at=AT)

    done = services.revoke_mandate(mandate, by=UserFactory(), reason="again", at=AT)

    assert done == services.Revoked([], [])
    assert Event.objects.about(mandate).filter(became="REVOKED").count() == 1


@pytest.mark.parametrize("status", [PaymentStatus.SENT, PaymentStatus.ACCEPTED])
def test_what_the_bank_has_is_not_held_by_us(status):
    payment = PaymentFactory(status=status)

    assert services.hold([payment.pk], kind=CaseKind.HOLD, reason="too late", at=AT) == []
    assert status_of(payment) == status
    assert not Case.objects.exists()
