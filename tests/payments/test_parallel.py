"""Two processes at once, each on a connection of its own."""

import threading
from datetime import UTC, date, datetime

from django.db import connection

from housing_ach.payments.models import Allocation, Order, Payment, PaymentTarget
from housing_ach.payments.services import (
    DuplicatePayment,
    ExternalIdTaken,
    allocate,
    apply_prepaid,
    cancel,
    pay_now,
    run_autopay,
    skip_debits,
)
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.users.services import system_user
from tests.factories import AT, AutopayFactory, MandateFactory, PaymentFactory, UserFactory
from tests.payments.story import DAY, offenders, owe, send, settle, status_of

APRIL = date(2026, 4, 1)
RUN_DAY = date(2026, 3, 30)


def together(*jobs):
    """Run all at the same time; returns what they refused."""
    start = threading.Barrier(len(jobs))
    refused = []

    def beside(job):
        start.wait()
        try:
            job()
        except Refusal as refusal:
            refused.append(type(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=beside, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_autopay_runs_ask_once(committed_db):
    for _ in range(5):
        owe(AutopayFactory().lease, 1000_00, APRIL)

    together(*[lambda: run_autopay(on=RUN_DAY, at=AT)] * 2)

    assert Order.objects.count() == 5
    assert Payment.objects.count() == 5


def test_autopay_beside_a_payment_by_hand_asks_once(committed_db):
    autopay = AutopayFactory()
    owe(autopay.lease, 1000_00, APRIL)

    def by_hand():
        pay_now(
            tenant=autopay.tenant,
            lease=autopay.lease,
            mandate=autopay.mandate,
            cents=1000_00,
            requested_on=APRIL,
            by=system_user(),
            at=AT,
        )

    refused = together(by_hand, lambda: run_autopay(on=RUN_DAY, at=AT))

    assert set(refused) <= {DuplicatePayment}
    assert [target.cents for target in PaymentTarget.objects.all()] == [1000_00]


def test_a_skip_beside_the_run_leaves_nothing_to_go(committed_db):
    plans = [AutopayFactory() for _ in range(5)]
    for autopay in plans:
        owe(autopay.lease, 1000_00, APRIL)

    def skip():
        for autopay in plans:
            skip_debits(autopay, by=system_user(), at=datetime(2026, 3, 30, 16, tzinfo=UTC))

    assert together(skip, lambda: run_autopay(on=RUN_DAY, at=AT)) == []

    left = Payment.objects.exclude(status=PaymentStatus.CANCELLED)
    assert list(left) == []


def test_payments_of_a_lease_that_settle_at_once_never_pay_a_charge_twice(committed_db):
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    payments = [PaymentFactory(mandate=mandate, cents=800_00) for _ in range(2)]
    send(*payments)

    together(*(lambda p=p: allocate([p.pk], on=DAY, at=AT) for p in payments))

    on_share = Allocation.objects.filter(share__isnull=False)
    assert sum(on_share.values_list("cents", flat=True)) == 1000_00


def test_prepaid_money_is_applied_by_one_of_two(committed_db):
    payment = PaymentFactory(cents=1000_00)
    settle(payment)
    owe(payment.lease, 700_00, APRIL)

    together(*[lambda: apply_prepaid(on=APRIL, at=AT)] * 2)

    assert Allocation.objects.live().count() == 2
    assert offenders() == []


def test_the_web_process_asks_for_a_payment_and_cancels_it(committed_db):
    mandate, clerk = MandateFactory(), UserFactory()
    owe(mandate.lease, 1000_00)
    with committed_db.acting_as("app"):
        order = pay_now(
            tenant=mandate.tenant,
            lease=mandate.lease,
            mandate=mandate,
            cents=1000_00,
            requested_on=APRIL,
            by=clerk,
            at=AT,
        )
        payment = order.payments.get()
        cancel(payment, by=clerk, reason="paid otherwise", at=AT)

    assert status_of(payment) == PaymentStatus.CANCELLED


def test_an_external_id_taken_meanwhile_is_refused(committed_db):
    mandates, by = [MandateFactory(), MandateFactory()], UserFactory()
    for mandate in mandates:
        owe(mandate.lease)

    def one(mandate):
        return lambda: pay_now(
            tenant=mandate.tenant,
            lease=mandate.lease,
            mandate=mandate,
            cents=1000_00,
            requested_on=DAY,
            external_id="rent-3",
            by=by,
            at=AT,
        )

    refused = together(*[one(mandate) for mandate in mandates * 4])

    assert set(refused) == {ExternalIdTaken}
    assert Order.objects.count() == 1
