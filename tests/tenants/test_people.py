from datetime import date

import pytest
from django.db import IntegrityError, transaction

from housing_ach.tenants.models import LeaseShare
from housing_ach.tenants.services import (
    BadSetUp,
    add_lease,
    add_property,
    add_schedule,
    add_tenant,
    add_unit,
    change_shares,
)
from housing_ach.tenants.states import PropertyKind
from tests.factories import FundFactory, LeaseFactory, LeaseShareFactory, TenantFactory, UnitFactory

pytestmark = pytest.mark.django_db


def alder(**fields):
    given = {"code": "AH", "name": "Alder House", "state": "NY", **fields}
    return add_property(operating_fund=FundFactory(), deposit_fund=FundFactory(), **given)


def test_a_lease_is_set_up_from_nothing():
    unit = add_unit(property=alder(), name="1A")
    ada, bea = (add_tenant(name=name, external_id=name) for name in ("Ada", "Bea"))

    lease = add_lease(
        unit=unit, external_id="L-1", starts_on=date(2026, 3, 1), weights={ada: 2, bea: 1}
    )
    schedule = add_schedule(lease=lease, cents=900_00)

    shares = lease.shares.order_by("pk").values_list("tenant__name", "weight", "is_primary")
    assert list(shares) == [("Ada", 2, True), ("Bea", 1, False)]
    assert (schedule.kind, schedule.day_of_month, schedule.starts_on) == (
        "RENT",
        1,
        date(2026, 3, 1),
    )


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"state": "New York"}, "state", "'New York'"),
        ({"code": "x" * 21}, "code", "'xxxx"),
        ({"kind": PropertyKind.MANAGED}, "__all__", "Managed properties are not supported yet"),
        ({"state": "ny"}, "__all__", "two capital letters"),
    ],
)
def test_what_does_not_fit_is_named(fields, field, told):
    with pytest.raises(BadSetUp, match=told) as refused:
        alder(**fields)

    assert refused.value.field == field


def test_a_lease_refused_leaves_nothing_behind():
    unit = UnitFactory()

    with pytest.raises(BadSetUp, match="needs a payer"):
        add_lease(unit=unit, external_id="L-1", starts_on=date(2026, 3, 1), weights={})

    assert not unit.leases.exists()


def test_new_shares_end_the_old_ones_the_day_before():
    lease = LeaseFactory()
    roommate = TenantFactory()

    change_shares(lease, weights={roommate: 1}, from_on=date(2026, 4, 1))

    assert list(lease.shares.order_by("pk").values_list("ends_on", flat=True)) == [
        date(2026, 3, 31),
        None,
    ]
    assert LeaseShare.objects.in_force(date(2026, 4, 1)).get().tenant == roommate


def test_shares_are_not_changed_behind_later_ones():
    lease = LeaseFactory()
    change_shares(lease, weights={TenantFactory(): 1}, from_on=date(2026, 4, 1))

    with pytest.raises(BadSetUp, match="has shares from 2026-04-01 already"):
        change_shares(lease, weights={TenantFactory(): 1}, from_on=date(2026, 3, 1))


def test_a_tenant_has_one_share_of_a_lease_at_a_time():
    share = LeaseShareFactory()

    with pytest.raises(IntegrityError, match="one_share_at_a_time"), transaction.atomic():
        LeaseShareFactory(
            lease=share.lease, tenant=share.tenant, starts_on=date(2026, 1, 1), is_primary=False
        )


def test_a_lease_has_one_primary_tenant_at_a_time():
    share = LeaseShareFactory()

    with pytest.raises(IntegrityError, match="one_primary_tenant_at_a_time"), transaction.atomic():
        LeaseShareFactory(lease=share.lease, starts_on=date(2026, 1, 1))
