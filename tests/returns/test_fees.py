"""A returned debit costs its payer what the policy says, once."""

from datetime import date

import pytest

from housing_ach.batches.models import Entry
from housing_ach.returns.services.fees import charge_nsf_fee
from housing_ach.tenants.models import Charge, LeaseShare
from housing_ach.tenants.services import set_policy
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.services import system_user
from tests.batches.town import NOON, Town, morning
from tests.factories import LeaseShareFactory
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, deliver


def fees():
    return Charge.objects.filter(kind=ChargeKind.NSF_FEE)


@pytest.fixture
def fee(db):
    set_policy(by=system_user(), at=NOON, nsf_fee_cents=25_00)


def test_the_payer_is_charged_what_the_policy_says(town: Town, settled: Entry, fee):
    deliver(town, about(settled, "R01"))

    charge = fees().get()
    assert (charge.cents, charge.due_on, charge.lease) == (
        25_00,
        RETURNED_ON,
        settled.payment.lease,
    )


def test_a_roommate_owes_nothing_of_it(town: Town, settled: Entry, fee):
    LeaseShareFactory(lease=settled.payment.lease, is_primary=False)

    deliver(town, about(settled, "R01"))

    (share,) = fees().get().shares.all()
    assert (share.tenant, share.cents) == (settled.payment.tenant, 25_00)


def test_nothing_is_charged_where_no_fee_is_set(town: Town, settled: Entry):
    deliver(town, about(settled, "R01"))

    assert not fees().exists()


@pytest.mark.parametrize("code", ["R02", "R10"])
def test_only_want_of_money_costs_a_fee(town: Town, settled: Entry, fee, code):
    deliver(town, about(settled, code))

    assert not fees().exists()


def test_an_order_costs_one_fee_however_often_it_comes_back(town: Town, settled: Entry, fee):
    deliver(town, about(settled, "R01"))
    set_policy(by=system_user(), at=NOON, nsf_fee_cents=30_00)

    assert charge_nsf_fee(settled.payment, code="R09", at=morning(date(2026, 3, 10))) is None
    assert fees().get().cents == 25_00


def test_who_has_moved_out_is_charged_nothing(town: Town, settled: Entry, fee):
    LeaseShare.objects.filter(lease=settled.payment.lease).update(ends_on=date(2026, 3, 3))

    deliver(town, about(settled, "R01"))

    assert not fees().exists()
    settled.payment.refresh_from_db()
    assert settled.payment.retries == 1
