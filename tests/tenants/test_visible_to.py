from datetime import date

import pytest

from housing_ach.tenants.models import (
    Charge,
    ChargeSchedule,
    ChargeShare,
    Lease,
    LeaseShare,
    Property,
    Tenant,
    Unit,
)
from housing_ach.tenants.services import raise_charges
from housing_ach.tenants.states import Role
from tests.factories import (
    AT,
    ChargeScheduleFactory,
    LeaseFactory,
    LeaseShareFactory,
    MembershipFactory,
    TenantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
HOMES = (Property, Unit)
LEASES = (Tenant, Lease, LeaseShare, ChargeSchedule, Charge, ChargeShare)


@pytest.fixture
def lease():
    """The first of two leases in two properties."""
    first, second = (LeaseFactory(share__tenant__signed_up=True) for _ in range(2))
    for lease in (first, second):
        ChargeScheduleFactory(lease=lease, ends_on=date(2025, 1, 31))
    raise_charges(on=date(2026, 3, 1), at=AT)
    return first


def seen(user):
    return {model.__name__: model.objects.visible_to(user).count() for model in (*HOMES, *LEASES)}


def all_of(count, models=(*HOMES, *LEASES)):
    none = dict.fromkeys([model.__name__ for model in (*HOMES, *LEASES)], 0)
    return none | dict.fromkeys([model.__name__ for model in models], count)


def test_a_stranger_sees_nothing(lease):
    assert seen(UserFactory()) == all_of(0)


def test_a_member_of_the_organisation_sees_everything(lease):
    assert seen(MembershipFactory(role=Role.AUDITOR).user) == all_of(2)


def test_a_superuser_sees_everything(lease):
    assert seen(UserFactory(admin=True)) == all_of(2)


def test_a_manager_sees_his_property(lease):
    home = lease.unit.property
    manager = MembershipFactory(role=Role.PROPERTY_MANAGER, property=home).user

    assert seen(manager) == all_of(1)
    assert Charge.objects.visible_to(manager).get().lease == lease


def test_a_tenant_sees_what_is_his(lease):
    tenant = lease.shares.get().tenant

    assert seen(tenant.user) == all_of(1, LEASES)
    assert Lease.objects.visible_to(tenant.user).get() == lease


def test_the_role_of_a_tenant_opens_nothing_else(lease):
    tenant = MembershipFactory(role=Role.TENANT).user

    assert seen(tenant) == all_of(0)


def test_a_lease_shared_by_roommates_is_seen_once(lease):
    roommate = TenantFactory(signed_up=True)
    LeaseShareFactory(lease=lease, tenant=roommate, is_primary=False)
    manager = MembershipFactory(property=lease.unit.property).user

    assert Lease.objects.visible_to(manager).count() == 1
    assert Lease.objects.visible_to(roommate.user).count() == 1
