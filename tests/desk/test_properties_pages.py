import pytest
from django.test import Client

from housing_ach.desk.roles import give_role
from housing_ach.tenants.models import Policy, Property
from housing_ach.tenants.states import Role, Rollout
from tests.desk.signing_in import verified
from tests.factories import (
    LeaseFactory,
    PropertyFactory,
    ShadowRunFactory,
    UserFactory,
    primary_tenant,
)

pytestmark = pytest.mark.django_db


def browser(role: Role, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def path(home: Property, more: str = "") -> str:
    return f"/desk/properties/{home.pk}/{more}"


def test_a_manager_sees_the_own_property_alone():
    own, other = PropertyFactory(), PropertyFactory()
    manager = browser(Role.PROPERTY_MANAGER, own)

    listed = manager.get("/desk/properties/").text

    assert own.name in listed
    assert path(other) not in listed
    assert manager.get(path(own)).status_code == 200
    assert manager.get(path(other)).status_code == 404
    assert manager.get(path(other, "policy/")).status_code == 404


def test_what_would_have_been_sent_is_told_debit_by_debit():
    lease = LeaseFactory()
    home, tenant = lease.unit.property, primary_tenant(lease)
    run = ShadowRunFactory(property=home, excluded_count=1, findings=["name: too long"])
    for reason in ("", "the account is not verified"):
        run.lines.create(lease=lease, tenant=tenant, cents=900_00, purpose="RENT", reason=reason)

    page = " ".join(browser(Role.AUDITOR).get(path(home), {"run": run.pk}).text.split())

    assert tenant.name in page
    assert "Left out: the account is not verified" in page
    assert "name: too long" in page


def test_a_run_of_another_property_is_not_told():
    home, run = PropertyFactory(), ShadowRunFactory()

    answer = browser(Role.AUDITOR).get(path(home), {"run": run.pk})

    assert answer.context["run"] is None


def test_it_says_who_works_there_and_who_changed_its_mode():
    home, admin = PropertyFactory(rollout=Rollout.SHADOW), browser(Role.ADMIN)
    manager = UserFactory(is_staff=True)
    give_role(manager, Role.PROPERTY_MANAGER, to=home)

    form = {"rollout": "LIVE", "override": "the bank confirmed by letter"}
    admin.post(path(home, "rollout/"), form)
    page = admin.get(path(home)).text

    assert manager.email in page
    assert "Shadow → Live: the bank confirmed by letter" in page


def test_going_live_names_the_checks_that_fail():
    home = PropertyFactory(rollout=Rollout.SHADOW)

    answer = browser(Role.ADMIN).post(path(home, "rollout/"), {"rollout": "LIVE"})

    assert answer.status_code == 422
    assert "Not ready" in answer.text
    assert Property.objects.get(pk=home.pk).rollout == Rollout.SHADOW


def test_an_administrator_says_why_it_goes_live_all_the_same():
    home = PropertyFactory(rollout=Rollout.SHADOW)

    form = {"rollout": "LIVE", "override": "the bank confirmed by letter"}
    answer = browser(Role.ADMIN).post(path(home, "rollout/"), form)

    assert answer.status_code == 302
    assert Property.objects.get(pk=home.pk).rollout == Rollout.LIVE


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_others_look_and_change_nothing(role: Role):
    home = PropertyFactory(rollout=Rollout.SHADOW)
    looking = browser(role)

    posted = [
        looking.post(path(home, "rollout/"), {"rollout": "DISABLED"}).status_code,
        looking.post(
            path(home, "pilot/"), {"lease": LeaseFactory(unit__property=home).external_id}
        ).status_code,
        looking.post(path(home, "policy/"), {"partial": "DENY"}).status_code,
    ]

    assert looking.get(path(home)).status_code == 200
    assert posted == [403, 403, 403]
    assert Property.objects.get(pk=home.pk).rollout == Rollout.SHADOW
    assert not Policy.objects.exists()


def test_a_lease_is_named_for_the_pilot_and_taken_out_again():
    lease = LeaseFactory()
    home = lease.unit.property
    admin = browser(Role.ADMIN)

    admin.post(path(home, "pilot/"), {"lease": lease.external_id})
    named = hasattr(type(lease).objects.get(pk=lease.pk), "pilot")
    admin.post(path(home, "pilot/"), {"lease": lease.external_id, "end": "1"})

    assert named
    assert not hasattr(type(lease).objects.get(pk=lease.pk), "pilot")


def test_a_lease_of_another_property_is_not_named():
    home, other = PropertyFactory(), LeaseFactory()

    answer = browser(Role.ADMIN).post(path(home, "pilot/"), {"lease": other.external_id})

    assert answer.status_code == 422
    assert not hasattr(type(other).objects.get(pk=other.pk), "pilot")


def test_the_policy_page_says_which_level_decided():
    home = PropertyFactory()
    admin = browser(Role.ADMIN)

    admin.post("/desk/properties/policy/", {"partial": "MIN_AMOUNT", "partial_dollars": "50.00"})
    admin.post(path(home, "policy/"), {"nsf_fee_dollars": "25.00", "reminder_days": "7, 2"})
    shown = " ".join(admin.get(path(home, "policy/")).text.split())

    assert "$50.00" in shown
    assert "$25.00" in shown
    assert "7, 2" in shown
    assert Policy.objects.get(property=home).partial == ""


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"partial": "MIN_AMOUNT"}, "partial_dollars"),
        ({"partial": "MIN_PERCENT", "partial_percent": "0"}, "partial_percent"),
        ({"reminder_days": "a week"}, "reminder_days"),
        ({"reminder_days": "77"}, "reminder_days"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_at_its_field(form, field):
    answer = browser(Role.ADMIN).post("/desk/properties/policy/", form)

    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.text
    assert not Policy.objects.exists()
