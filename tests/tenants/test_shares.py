from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from housing_ach.tenants.models import LeaseShare
from housing_ach.tenants.services import BadShares, change_shares
from housing_ach.tenants.states import PropertyKind
from tests.factories import LeaseFactory, LeaseShareFactory, PropertyFactory, TenantFactory

pytestmark = pytest.mark.django_db


def test_new_shares_end_the_old_ones_the_day_before():
    lease = LeaseFactory()
    ada, bea = TenantFactory(), TenantFactory()

    change_shares(lease, weights={ada: 2, bea: 1}, from_on=date(2026, 4, 1))

    assert lease.shares.in_force(date(2026, 3, 31)).get().ends_on == date(2026, 3, 31)
    shares = lease.shares.in_force(date(2026, 4, 1)).order_by("pk")
    assert list(shares.values_list("tenant", "weight", "is_primary")) == [
        (ada.pk, 2, True),
        (bea.pk, 1, False),
    ]


@pytest.mark.parametrize("weights", [[], [0], [1, -1]])
def test_somebody_has_to_pay(weights):
    lease = LeaseFactory()

    with pytest.raises(BadShares) as refused:
        change_shares(
            lease, weights={TenantFactory(): weight for weight in weights}, from_on=date(2026, 4, 1)
        )

    assert refused.value.field == "weights"
    assert lease.shares.get().ends_on is None


def test_shares_are_not_changed_behind_later_ones():
    lease = LeaseFactory()
    change_shares(lease, weights={TenantFactory(): 1}, from_on=date(2026, 4, 1))

    with pytest.raises(BadShares, match="has shares from 2026-04-01 already"):
        change_shares(lease, weights={TenantFactory(): 1}, from_on=date(2026, 3, 1))


def test_a_tenant_has_one_share_of_a_lease_at_a_time():
    share = LeaseShareFactory()
    again = {"tenant": share.tenant, "starts_on": date(2026, 1, 1), "is_primary": False}

    with pytest.raises(IntegrityError, match="one_share_at_a_time"), transaction.atomic():
        LeaseShareFactory(lease=share.lease, **again)


def test_a_lease_has_one_primary_tenant_at_a_time():
    share = LeaseShareFactory()

    with pytest.raises(IntegrityError, match="one_primary_tenant_at_a_time"), transaction.atomic():
        LeaseShareFactory(lease=share.lease, starts_on=date(2026, 1, 1))


def test_a_tenant_may_come_back():
    share = LeaseShareFactory(ends_on=date(2025, 6, 30))

    LeaseShareFactory(lease=share.lease, tenant=share.tenant, starts_on=date(2025, 7, 1))

    assert LeaseShare.objects.filter(tenant=share.tenant).count() == 2


def test_a_managed_property_is_refused_in_words():
    home = PropertyFactory()
    home.kind = PropertyKind.MANAGED

    with pytest.raises(ValidationError, match="Managed properties are not supported yet"):
        home.full_clean()
