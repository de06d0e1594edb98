import pytest

from housing_ach.desk.roles import give_role
from housing_ach.tenants.models import Membership
from housing_ach.tenants.states import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_auditor_may_look_at_everything_and_change_nothing():
    auditor = UserFactory(is_staff=True)

    give_role(auditor, Role.AUDITOR)

    asked = auditor.get_all_permissions()
    assert "payments.view_payment" in asked
    assert not [name for name in asked if ".view_" not in name]


def test_finance_may_act_on_batches_but_not_on_users():
    clerk = UserFactory(is_staff=True)

    give_role(clerk, Role.FINANCE)

    assert clerk.has_perm("batches.change_batch")
    assert not clerk.has_perm("users.change_user")


def test_an_administrator_of_users_may_not_move_money():
    keeper = UserFactory(is_staff=True)

    give_role(keeper, Role.ADMIN)

    assert keeper.has_perm("users.change_user")
    assert not keeper.has_perm("batches.change_batch")
    assert not keeper.has_perm("payments.change_payment")


def test_giving_a_role_twice_is_giving_it_once():
    clerk = UserFactory(is_staff=True)

    give_role(clerk, Role.FINANCE)
    give_role(clerk, Role.FINANCE)

    assert Membership.objects.filter(user=clerk).count() == 1
