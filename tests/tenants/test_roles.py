"""Roles that check each other stay apart, in the service and in the database."""

from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from housing_ach.audit.models import Event
from housing_ach.tenants.models import Membership, Property, Tenant
from housing_ach.tenants.services import (
    ConflictingRoles,
    NoProperty,
    NotAllowed,
    OwnRole,
    end_membership,
    give_membership,
)
from housing_ach.tenants.states import Role, conflict
from housing_ach.users.services import system_user
from tests.factories import MembershipFactory, PropertyFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db
APART = [
    (Role.AUDITOR, Role.FINANCE),
    (Role.AUDITOR, Role.PROPERTY_MANAGER),
    (Role.AUDITOR, Role.ADMIN),
    (Role.ADMIN, Role.FINANCE),
    *((Role.TENANT, role) for role in Role if role != Role.TENANT),
]


def give(user, role, **named):
    return give_membership(user=user, role=role, **{"by": system_user(), **named})


def test_these_roles_and_no_others_are_kept_apart():
    found = {frozenset(pair) for pair in product(Role, Role) if conflict(*pair)}

    assert found == {frozenset(pair) for pair in APART}


@pytest.mark.parametrize(("one", "other"), list(product(Role, Role)))
def test_service_and_database_refuse_the_same_pairs(one, other):
    homes, user = [PropertyFactory(), PropertyFactory()], UserFactory()
    give(user, one, property=homes[0])

    if conflict(one, other):
        with pytest.raises(ConflictingRoles) as refused:
            give(user, other, property=homes[1])
        assert refused.value.field == "role"
        with pytest.raises(DatabaseError, match="would be"), transaction.atomic():
            Membership.objects.create(user=user, role=other, property=homes[1])
    else:
        assert give(user, other, property=homes[1]).role == other


def test_a_tenant_who_signed_in_gets_no_role_of_staff():
    user = TenantFactory(signed_up=True).user

    with pytest.raises(ConflictingRoles, match="TENANT"):
        give(user, Role.FINANCE)
    with pytest.raises(DatabaseError, match="would be"), transaction.atomic():
        Membership.objects.create(user=user, role=Role.FINANCE)


def test_no_member_of_staff_becomes_a_tenant():
    user = MembershipFactory(role=Role.FINANCE).user
    tenant = TenantFactory()

    with pytest.raises(DatabaseError, match="would be"), transaction.atomic():
        Tenant.objects.filter(pk=tenant.pk).update(user=user)
    tenant.user = user
    with pytest.raises(ValidationError, match="FINANCE"):
        tenant.full_clean()


def test_a_form_is_told_of_the_conflict():
    user = MembershipFactory(role=Role.AUDITOR).user

    with pytest.raises(ValidationError, match="AUDITOR"):
        Membership(user=user, role=Role.FINANCE).full_clean()


def test_a_role_may_be_exchanged_for_another():
    membership = MembershipFactory(role=Role.AUDITOR)

    membership.role = Role.FINANCE
    membership.full_clean()
    membership.save()

    assert Membership.objects.get().role == Role.FINANCE


def test_giving_a_role_again_does_nothing():
    user = UserFactory()

    assert give(user, Role.FINANCE) == give(user, Role.FINANCE)


def test_a_manager_manages_a_property():
    user = UserFactory()

    with pytest.raises(NoProperty):
        give(user, Role.PROPERTY_MANAGER)
    with pytest.raises(IntegrityError, match="manager_has_a_property"), transaction.atomic():
        Membership.objects.create(user=user, role=Role.PROPERTY_MANAGER)


def test_only_an_administrator_gives_roles():
    clerk, keeper = (MembershipFactory(role=role).user for role in (Role.FINANCE, Role.ADMIN))

    with pytest.raises(NotAllowed):
        give(UserFactory(), Role.FINANCE, by=clerk)

    assert give(UserFactory(), Role.FINANCE, by=keeper).role == Role.FINANCE


def test_an_administrator_of_a_property_gives_none_elsewhere():
    home = PropertyFactory()
    keeper = MembershipFactory(role=Role.ADMIN, property=home).user

    for elsewhere in (None, PropertyFactory()):
        with pytest.raises(NotAllowed):
            give(UserFactory(), Role.FINANCE, by=keeper, property=elsewhere)

    assert give(UserFactory(), Role.FINANCE, by=keeper, property=home).property == home


def test_nobody_decides_what_he_is_himself():
    own = MembershipFactory(role=Role.ADMIN)

    with pytest.raises(OwnRole):
        give(own.user, Role.PROPERTY_MANAGER, by=own.user, property=PropertyFactory())
    with pytest.raises(OwnRole):
        end_membership(own, by=own.user)


def test_an_ended_membership_opens_nothing_and_is_in_the_audit():
    home = PropertyFactory()
    membership = give(UserFactory(), Role.FINANCE, property=home)
    user, pk = membership.user, membership.pk

    end_membership(membership, by=MembershipFactory(role=Role.ADMIN).user)

    assert not Property.objects.visible_to(user).exists()
    assert Event.objects.filter(
        kind="row.delete", subject="tenants.membership", subject_id=str(pk)
    ).exists()
