"""The records of tenants and of the books, as staff sees them."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from housing_ach.ledger.models import Account, Balance, Fund, Journal, Transfer
from housing_ach.tenants.models import (
    Charge,
    ChargeSchedule,
    ChargeShare,
    Lease,
    LeaseShare,
    Membership,
    Property,
    Tenant,
    Unit,
)
from housing_ach.tenants.services import raise_charges
from housing_ach.tenants.states import Role
from tests.desk.signing_in import verified
from tests.factories import (
    AT,
    ChargeScheduleFactory,
    LeaseFactory,
    LeaseShareFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
HISTORY = [Account, Balance, Journal, Transfer, Charge, ChargeShare]
SET_UP = [Fund, Property, Unit, Tenant, Lease, LeaseShare, ChargeSchedule, Membership]


@pytest.fixture
def root():
    return UserFactory(admin=True)


@pytest.fixture
def browser(root):
    return verified(root)


def page_of(model, name="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def live(leases):
    """Leases in a property each, with two tenants, a charge and a member."""
    for _ in range(leases):
        lease = LeaseFactory()
        LeaseShareFactory(lease=lease, is_primary=False)
        ChargeScheduleFactory(lease=lease, ends_on=date(2025, 2, 28))
        MembershipFactory(property=lease.unit.property)
    raise_charges(on=date(2026, 3, 1), at=AT)


def queries_for(browser, page):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(page).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", [*HISTORY, *SET_UP])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(browser, model):
    live(2)
    browser.get(page_of(model))
    few = queries_for(browser, page_of(model))

    live(5)

    assert queries_for(browser, page_of(model)) == few


@pytest.mark.parametrize("model", [*HISTORY, *SET_UP])
def test_every_record_has_its_page(browser, model):
    live(1)

    answer = browser.get(page_of(model, "change", model._default_manager.first().pk))

    assert answer.status_code == 200


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_looked_at_and_never_touched(rf, root, model):
    request = rf.get("/")
    request.user = root
    its_admin = admin.site._registry[model]

    assert its_admin.has_view_permission(request)
    assert not its_admin.has_add_permission(request)
    assert not its_admin.has_change_permission(request)
    assert not its_admin.has_delete_permission(request)


@pytest.mark.parametrize("model", SET_UP[:-1])
def test_set_up_is_ended_and_not_deleted(rf, root, model):
    request = rf.get("/")
    request.user = root

    assert not admin.site._registry[model].has_delete_permission(request)


def test_a_lease_is_found_by_its_number_and_by_a_tenants_name(browser):
    wanted = LeaseFactory(external_id="OAK-17", share__tenant__name="Ada Lovelace")
    LeaseFactory(external_id="ELM-3", share__tenant__name="Grace Hopper")

    for typed in ("oak-17", "lovelace"):
        found = browser.get(page_of(Lease), {"q": typed}).context["cl"].result_list
        assert list(found) == [wanted]


def test_a_charge_is_found_by_its_lease_and_its_tenant(browser):
    for number, name in (("OAK-17", "Ada Lovelace"), ("ELM-3", "Grace Hopper")):
        lease = LeaseFactory(external_id=number, share__tenant__name=name)
        ChargeScheduleFactory(lease=lease, ends_on=date(2025, 1, 31))
    raise_charges(on=date(2026, 3, 1), at=AT)

    for typed in ("oak-17", "lovelace"):
        found = browser.get(page_of(Charge), {"q": typed}).context["cl"].result_list
        assert [charge.lease.external_id for charge in found] == ["OAK-17"]


@pytest.mark.parametrize("model", [Journal, Account, Transfer])
def test_the_links_of_a_list_lead_somewhere(browser, model):
    live(1)
    charge, lease = Charge.objects.first(), Lease.objects.get()
    filters = {
        Journal: {"subject": "tenants.charge", "subject_id": charge.pk},
        Account: {"lease": lease.pk},
        Transfer: {"debit": Account.objects.filter(number="1200").first().pk},
    }

    answer = browser.get(page_of(model), filters[model])

    assert answer.status_code == 200
    assert 0 < len(answer.context["cl"].result_list) < model.objects.count() + (model is Account)


def test_the_leases_of_a_tenant_are_a_link_away(browser):
    wanted = LeaseFactory()
    LeaseFactory()

    answer = browser.get(page_of(Lease), {"shares__tenant": wanted.shares.get().tenant_id})

    assert list(answer.context["cl"].result_list) == [wanted]


def test_a_wrong_value_is_told_in_words(browser):
    lease = LeaseFactory()
    form = {
        "lease": lease.pk,
        "tenant": lease.shares.get().tenant_id,
        "weight": 1,
        "starts_on": "2026-01-01",
    }

    answer = browser.post(page_of(LeaseShare, "add"), form)

    assert "The tenant has a share of the lease on some of these days." in answer.text
    assert lease.shares.count() == 1


def test_staff_sees_the_property_it_works_for():
    mine = LeaseFactory()
    LeaseFactory()
    manager = UserFactory(is_staff=True)
    MembershipFactory(user=manager, property=mine.unit.property, role=Role.PROPERTY_MANAGER)
    manager.user_permissions.set(Permission.objects.filter(codename="view_lease"))

    answer = verified(manager).get(page_of(Lease))

    assert list(answer.context["cl"].result_list) == [mine]
