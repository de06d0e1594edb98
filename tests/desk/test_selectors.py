from datetime import timedelta

import pytest

from housing_ach.batches.models import Batch
from housing_ach.desk.selectors import figures
from tests.batches.town import AFTERNOON, NOON, TUESDAY, WEDNESDAY, Town, morning
from tests.factories import BankProfileFactory, PropertyFactory, WindowFactory
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


def test_what_is_with_the_bank_is_in_flight_until_it_settles(town):
    town.debit()
    planned = figures(at=NOON)
    file = send(town)
    sent = figures(at=AFTERNOON)
    settle(town, file)
    settled = figures(at=morning(WEDNESDAY))

    assert (planned.in_flight.cents, planned.scheduled_cents) == (0, 1000_00)
    assert sent.in_flight == (1000_00, 1, 1)
    assert settled.in_flight == (0, 0, 0)
    assert settled.settled_cents == 1000_00


def test_a_month_is_compared_with_the_same_days_of_the_one_before(town):
    town.debit()
    settle(town, send(town))

    day_before = figures(at=morning(TUESDAY) + timedelta(days=30))
    same_day = figures(at=morning(TUESDAY) + timedelta(days=31))

    assert (day_before.settled_before_cents, day_before.settled_change) == (0, None)
    assert (same_day.settled_before_cents, same_day.settled_change) == (1000_00, -1)


def test_the_day_after_a_short_month_is_compared_with_the_whole_of_it(town):
    town.debit()
    settle(town, send(town))
    Batch.objects.update(settled_on=NOON.date().replace(month=4, day=30))

    told = figures(at=NOON.replace(month=5, day=31))

    assert told.settled_before_cents == 1000_00


def test_the_return_rate_is_compared_with_that_of_thirty_days_ago(town):
    town.debit()
    settle(town, send(town))
    deliver(town, about(only_entry(), "R02"), on=WEDNESDAY)

    now = figures(at=morning(WEDNESDAY))
    later = figures(at=morning(WEDNESDAY) + timedelta(days=30))

    assert (now.returned_share, now.returned_change) == (1, 100)
    assert later.returned_change == 0
