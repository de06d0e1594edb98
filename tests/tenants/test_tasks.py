from datetime import UTC, date, datetime

import pytest

from housing_ach.clock.services import advance
from housing_ach.tenants.models import Charge
from housing_ach.tenants.tasks import raise_charges
from tests.factories import ChargeScheduleFactory

pytestmark = pytest.mark.django_db


def test_the_day_is_new_yorks():
    """03:00 UTC on the 17th is still the 16th there; the 17th is twelve days before March."""
    advance(datetime(2030, 2, 17, 3, 0, tzinfo=UTC))
    ChargeScheduleFactory(starts_on=date(2030, 3, 1))
    too_early = raise_charges()

    advance(datetime(2030, 2, 17, 6, 0, tzinfo=UTC))

    assert (too_early, raise_charges()) == (0, 1)
    assert Charge.objects.get().due_on == date(2030, 3, 1)
