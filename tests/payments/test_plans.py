"""Before a plan is skipped, paused, changed or ended: what stops, and what goes all the same."""

from datetime import UTC, date, datetime, time

import pytest

from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.mandates.services import BadPlan
from housing_ach.payments import services
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import changing, pausing, revoking, skipping
from housing_ach.payments.services import run_autopay
from housing_ach.payments.states import PaymentStatus
from tests.factories import AutopayFactory, PaymentFactory, UserFactory
from tests.payments.story import owe, status_of

pytestmark = pytest.mark.django_db

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
RUN_DAY = date(2026, 3, 30)
NOON = datetime.combine(RUN_DAY, time(16), UTC)


def asked():
    """A plan whose April debit was made by the run."""
    autopay = AutopayFactory()
    owe(autopay.lease, 1000_00, APRIL)
    (pk,) = run_autopay(on=RUN_DAY, at=NOON)
    return autopay, Payment.objects.get(pk=pk)


def with_bank(payment):
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.SENT)


def skip(autopay, **fields):
    return services.skip_debits(autopay, by=UserFactory(), at=NOON, **fields)


def test_skipping_cancels_what_was_made_for_the_day():
    autopay, payment = asked()

    told = skip(autopay)

    assert told == ((payment,), (), (APRIL,))
    assert status_of(payment) == PaymentStatus.CANCELLED
    assert upcoming_debit_days(autopay, RUN_DAY, 1) == [MAY]


def test_skipping_is_told_before_it_is_done():
    autopay, payment = asked()

    assert skipping(autopay, at=NOON) == ((payment,), (), (APRIL,))
    assert status_of(payment) == PaymentStatus.SCHEDULED


def test_of_a_debit_with_the_bank_the_one_after_it_is_skipped():
    autopay, payment = asked()
    with_bank(payment)

    told = skip(autopay)

    assert told.leaves_out == (MAY,)
    assert status_of(payment) == PaymentStatus.SENT


def test_what_was_skipped_is_not_skipped_again():
    autopay, _ = asked()
    skip(autopay)

    assert skip(autopay, count=2).leaves_out == (MAY, JUNE)


def test_a_skip_is_of_debits_there_are():
    with pytest.raises(BadPlan):
        skip(AutopayFactory(ends_on=RUN_DAY))


def test_pausing_tells_what_goes_all_the_same():
    autopay, payment = asked()
    with_bank(payment)
    days = {"starts_on": APRIL, "ends_on": date(2026, 5, 31)}

    told = services.pause_debits(autopay, by=UserFactory(), at=NOON, **days)

    assert told.goes == (Payment.objects.get(pk=payment.pk),)
    assert (told.cancels, told.leaves_out) == ((), (APRIL, MAY))


def test_a_pause_of_later_days_leaves_the_next_debit_alone():
    autopay, payment = asked()

    told = pausing(autopay, starts_on=date(2026, 4, 2), ends_on=JUNE, at=NOON)

    assert told == ((), (), (MAY, JUNE))
    assert status_of(payment) == PaymentStatus.SCHEDULED


def test_a_change_leaves_what_was_made():
    autopay, payment = asked()

    assert changing(autopay) == ((), (payment,), ())


def test_revoking_tells_what_stops_what_goes_and_what_will_not_come():
    autopay, payment = asked()
    sent = PaymentFactory(mandate=autopay.mandate, status=PaymentStatus.SENT)
    PaymentFactory(mandate=autopay.mandate, status=PaymentStatus.SETTLED)

    told = revoking(autopay.mandate, at=NOON)

    assert told == ((payment,), (sent,), (APRIL,))


def test_the_number_of_queries_does_not_grow_with_the_payments(django_assert_max_num_queries):
    autopay, _ = asked()
    PaymentFactory.create_batch(5, mandate=autopay.mandate)

    with django_assert_max_num_queries(5):
        revoking(autopay.mandate, at=NOON)
