from datetime import UTC, date, datetime

import pytest

from housing_ach.clock.services import advance
from housing_ach.payments import tasks
from housing_ach.payments.models import Payment
from tests.factories import AutopayFactory
from tests.payments.story import owe

pytestmark = pytest.mark.django_db


def test_the_day_is_new_yorks():
    """03:00 UTC on the 30th is still the 29th there, three banking days before the first."""
    owe(AutopayFactory(starts_on=date(2030, 2, 1)).lease, 1000_00, date(2030, 2, 1))
    advance(datetime(2030, 1, 30, 3, 0, tzinfo=UTC))
    tasks.apply_prepaid()
    tasks.finish_prenotes()
    tasks.run_autopay()
    too_early = Payment.objects.count()

    advance(datetime(2030, 1, 30, 6, 0, tzinfo=UTC))
    tasks.run_autopay()

    assert too_early == 0
    assert Payment.objects.get().effective_on == date(2030, 2, 1)
