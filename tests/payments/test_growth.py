"""Ten times the plans may cost about ten times the time: no plan is looked at one by one."""

from datetime import date
from time import monotonic

import pytest
from django.db import connection

from housing_ach.audit.move import move_all
from housing_ach.payments.models import Allocation, Payment
from housing_ach.payments.services import allocate, check_still_payable, run_autopay
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.services import raise_charges
from tests.factories import AT
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


def test_ten_times_the_plans_take_about_ten_times_as_long():
    few, many = month_of(FEW), month_of(MANY)

    assert all(ten < 30 * one + 1 for one, ten in zip(few, many, strict=True))
