"""Two workers at once, each with its own connection."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

from django.db import IntegrityError, connection

from housing_ach.ledger.models import Transfer
from housing_ach.ledger.selectors import trial_balance
from housing_ach.tenants.models import Charge, Membership
from housing_ach.tenants.services import add_charge, raise_charges
from housing_ach.tenants.states import ChargeKind, Role
from tests.factories import (
    AT,
    ChargeScheduleFactory,
    LeaseFactory,
    PropertyFactory,
    UserFactory,
)

WORKERS = 4


def at_once(work):
    """What `work` returns in each of the workers, all of which start together."""
    start = Barrier(WORKERS)

    def run(number):
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def test_parallel_runs_raise_each_charge_once(committed_db):
    home = PropertyFactory()
    for _ in range(40):
        lease = LeaseFactory(unit__property=home, starts_on=date(2026, 1, 1))
        ChargeScheduleFactory(lease=lease)

    raised = at_once(lambda: raise_charges(on=date(2026, 5, 20), at=AT))

    assert sum(raised) == Charge.objects.count() == Transfer.objects.count() == 40 * 6
    assert trial_balance(home.operating_fund_id) == {"1200": 240_000_00, "4000": -240_000_00}


def test_parallel_requests_with_one_id_are_one_charge(committed_db):
    lease = LeaseFactory()

    def add():
        return add_charge(
            lease=lease,
            kind=ChargeKind.LATE_FEE,
            cents=50_00,
            due_on=date(2026, 3, 1),
            at=AT,
            external_id="erp-1",
        ).pk

    assert len(set(at_once(add))) == 1
    assert Transfer.objects.count() == 1


def test_of_roles_given_at_once_only_one_of_two_that_conflict_is_left(committed_db):
    user, roles = UserFactory(), [Role.ADMIN, Role.FINANCE] * 2
    homes = [PropertyFactory() for _ in roles]

    def give():
        try:
            Membership.objects.create(user=user, role=roles.pop(), property=homes.pop())
        except IntegrityError:
            return 0
        return 1

    assert sum(at_once(give)) >= 1
    assert Membership.objects.values("role").distinct().count() == 1
