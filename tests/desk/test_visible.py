"""Whose rows a member of one property sees, where rows name their property only by a long way."""

import pytest

from housing_ach.batches.models import Batch, Entry
from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.desk.roles import end_role, give_role
from housing_ach.desk.visible import SUBJECTS, cases_visible_to
from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.returns.models import Correction, Return
from housing_ach.tenants.models import Lease
from housing_ach.tenants.states import Role
from housing_ach.users.services import system_user
from tests.batches.town import NOON, Town
from tests.factories import (
    BankProfileFactory,
    MembershipFactory,
    PropertyFactory,
    TenantFactory,
    UserFactory,
    WindowFactory,
)

pytestmark = pytest.mark.django_db
MODELS = (Payment, Mandate, Lease, Entry, Batch, Return, Correction)


@pytest.fixture
def town():
    profile = BankProfileFactory()
    funds = {f"{kind}_fund__company__profile": profile for kind in ("operating", "deposit")}
    return Town(None, WindowFactory(profile=profile), PropertyFactory(**funds))


def beside(town, **funds):
    """Another property that pays by the same bank."""
    named = {f"{kind}_fund__company__profile": town.profile for kind in ("operating", "deposit")}
    return Town(None, town.window, PropertyFactory(**(funds or named)))


def manager_of(town):
    return MembershipFactory(role=Role.PROPERTY_MANAGER, property=town.home).user


def seen(user):
    return {model.__name__: model.objects.visible_to(user).count() for model in MODELS[:5]}


def test_a_manager_sees_what_is_of_his_property(town):
    for place in (town, beside(town)):
        place.debit()
    town.build()

    assert set(seen(manager_of(town)).values()) == {1}
    assert Batch.objects.visible_to(manager_of(town)).get().entries.get().payment.lease in (
        Lease.objects.visible_to(manager_of(town))
    )


def test_a_batch_that_mixes_properties_is_the_organisations(town):
    home = town.home
    other = beside(town, operating_fund=home.operating_fund, deposit_fund=home.deposit_fund)
    for place in (town, other):
        place.debit()
    (batch,) = town.build()

    assert not Batch.objects.visible_to(manager_of(town)).exists()
    assert Entry.objects.visible_to(manager_of(town)).count() == 1
    assert Batch.objects.visible_to(MembershipFactory().user).get() == batch


def test_a_tenant_sees_his_payments_and_no_batch(town):
    payment = town.debit()
    tenant = payment.tenant
    tenant.user = UserFactory()
    tenant.save()
    town.debit()
    town.build()

    assert seen(tenant.user) == {"Payment": 1, "Mandate": 1, "Lease": 1, "Entry": 0, "Batch": 0}


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.ADMIN])
def test_the_organisations_own_see_everything(town, role):
    for place in (town, beside(town)):
        place.debit()
    town.build()

    assert set(seen(MembershipFactory(role=role).user).values()) == {2}


def test_a_manager_sees_the_cases_of_his_property(town):
    for place in (town, beside(town)):
        hold([place.debit().pk], kind=CaseKind.HOLD, reason="look", at=NOON)
    open_case(CaseKind.FILE_HELD, "batches.bankfile", 1, "a file", at=NOON)

    found = cases_visible_to(manager_of(town))

    assert [case.subject_id for case in found] == [
        str(Payment.objects.get(lease__unit__property=town.home).pk)
    ]
    assert cases_visible_to(MembershipFactory().user).count() == Case.objects.count() == 3


def test_a_tenant_sees_no_case(town):
    payment = town.debit()
    payment.tenant.user = UserFactory()
    payment.tenant.save()
    hold([payment.pk], kind=CaseKind.HOLD, reason="look", at=NOON)

    assert not cases_visible_to(payment.tenant.user).exists()
    assert not cases_visible_to(TenantFactory(signed_up=True).user).exists()


def test_cases_cost_as_many_questions_however_many_there_are(town, django_assert_num_queries):
    manager = manager_of(town)
    hold([town.debit().pk for _ in range(5)], kind=CaseKind.HOLD, reason="look", at=NOON)

    # Whether the manager sees everything is asked once a kind of subject (twice for a batch).
    with django_assert_num_queries(len(SUBJECTS) + 4):
        assert len(cases_visible_to(manager)) == 5


def test_a_manager_may_look_and_not_act(town):
    user = UserFactory(is_staff=True)

    give_role(user, Role.PROPERTY_MANAGER, to=town.home)

    asked = user.get_all_permissions()
    assert "payments.view_payment" in asked
    assert not [name for name in asked if ".view_" not in name]
    assert not [name for name in asked if name.startswith(("ledger", "bank", "users", "batches"))]


def test_a_tenant_gets_no_right_in_the_records():
    user = UserFactory()

    give_role(user, Role.TENANT)

    assert user.get_all_permissions() == set()


def test_an_ended_role_takes_its_rights_along(town):
    user = UserFactory(is_staff=True)
    kept, ended = (give_role(user, Role.FINANCE, to=home) for home in (None, town.home))

    end_role(ended, by=system_user())
    assert type(user).objects.get(pk=user.pk).has_perm("batches.change_batch")

    end_role(kept, by=system_user())
    assert not type(user).objects.get(pk=user.pk).get_all_permissions()
