"""Ten times the plans may cost about ten times the time: no plan is looked at one by one."""

from datetime import date
from time import monotonic

import pytest
from django.db import connection

from housing_ach.audit.move import move_all
from housing_ach.payments.models import Allocation, Order, Payment
from housing_ach.payments.services import allocate, check_still_payable, run_autopay
from housing_ach.payments.states import OrderKind, PaymentStatus
from housing_ach.tenants.services import raise_charges
from tests.factories import AT, PaymentFactory
from tests.payments.story import DAY, owe
from tests.payments.town import build_town

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)
RUN_DAY = date(2026, 3, 30)
FEW, MANY = 200, 2000


def timed(job, *args, **kwargs):
    began = monotonic()
    result = job(*args, **kwargs)
    return result, monotonic() - began


def month_of(size):
    """Seconds of the run, of the second look and of the allocation, for a town of its own."""
    build_town(size)
    raise_charges(on=RUN_DAY, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    made, run = timed(run_autopay, on=RUN_DAY, at=AT)
    assert len(made) == size
    stopped, look = timed(check_still_payable, made, on=APRIL)
    assert stopped == {}
    for status in (PaymentStatus.BATCHED, PaymentStatus.SENT, PaymentStatus.SETTLED):
        move_all(Payment, status, ids=made)
    _, allocation = timed(allocate, made, on=APRIL, at=AT)
    assert Allocation.objects.filter(payment__in=made).count() == 2 * size
    return run, look, allocation


def payments_of_one_lease(size):
    """Seconds to allocate so many payments of a dollar on one charge."""
    first = PaymentFactory(cents=1_00, status=PaymentStatus.SETTLED)
    owe(first.lease, size * 1_00, DAY)
    terms = {
        field.attname: getattr(first, field.attname)
        for field in Payment._meta.concrete_fields
        if not field.primary_key and field.name != "order"
    }
    orders = Order.objects.bulk_create(
        Order(
            kind=OrderKind.ONE_TIME,
            lease=first.lease,
            tenant=first.tenant,
            cents=1_00,
            made_by=first.made_by,
            made_at=AT,
        )
        for _ in range(size)
    )
    made = Payment.objects.bulk_create(Payment(order=order, **terms) for order in orders)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _, seconds = timed(allocate, [payment.pk for payment in made], on=DAY, at=AT)
    assert Allocation.objects.filter(payment__in=made, share__isnull=False).count() == size
    return seconds


def test_ten_times_the_payments_of_one_lease_take_about_ten_times_as_long():
    few, many = (payments_of_one_lease(size) for size in (800, 8000))

    assert many < 20 * few + 0.5


def test_ten_times_the_plans_take_about_ten_times_as_long():
    few, many = month_of(FEW), month_of(MANY)

    assert all(ten < 30 * one + 1 for one, ten in zip(few, many, strict=True))
