"""Tenants, their leases and their authorizations, as the staff see them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.states import MandateStatus
from housing_ach.notices.models import Message
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.reports.models import Document
from housing_ach.tenants.models import Property, Tenant
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind, Role
from tests.batches.town import NOON, TUESDAY, Town
from tests.desk.signing_in import verified
from tests.factories import (
    AutopayFactory,
    BankProfileFactory,
    LeaseFactory,
    LeaseShareFactory,
    PropertyFactory,
    TenantFactory,
    UserFactory,
    WindowFactory,
    primary_tenant,
)

pytestmark = pytest.mark.django_db


def town_of() -> Town:
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def town() -> Town:
    start(NOON)
    return town_of()


def browser(role: Role = Role.FINANCE, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def pages(payment: Payment) -> list[str]:
    return [
        f"/desk/tenants/{payment.tenant_id}/",
        f"/desk/leases/{payment.lease_id}/",
        f"/desk/authorizations/{payment.mandate_id}/",
    ]


def shown(text: str) -> str:
    return " ".join(text.split())


def revoke(client: Client, mandate: Mandate, reason: str = "by letter"):
    return client.post(f"/desk/authorizations/{mandate.pk}/revoke/", {"reason": reason})


def test_a_manager_sees_the_own_tenants_alone(town):
    own, other = town.debit(), town_of().debit()
    manager = browser(Role.PROPERTY_MANAGER, town.home)

    listed = manager.get("/desk/tenants/").text

    assert own.tenant.name in listed
    assert other.tenant.name not in listed
    assert [manager.get(page).status_code for page in pages(own)] == [200] * 3
    assert [manager.get(page).status_code for page in pages(other)] == [404] * 3


def test_a_manager_sees_nothing_of_a_tenants_life_elsewhere(town):
    own, other = town.debit(), town_of().debit()
    LeaseShareFactory(lease=other.lease, tenant=own.tenant, is_primary=False)

    page = browser(Role.PROPERTY_MANAGER, town.home).get(pages(own)[0]).text

    assert own.lease.unit.property.name in page
    assert other.lease.unit.property.name not in page


@pytest.mark.parametrize("field", ["name", "email", "external_id", "lease"])
def test_a_tenant_is_found(town, field):
    wanted = LeaseFactory(unit__property=town.home, share__tenant__email="payer@example.org")
    LeaseFactory(unit__property=town.home)
    tenant = primary_tenant(wanted)
    typed = wanted.external_id if field == "lease" else getattr(tenant, field)

    rows = browser().get("/desk/tenants/", {"q": typed}).context["table"].rows

    assert [row.record for row in rows] == [tenant]


def test_the_list_goes_out_as_csv(town):
    payment = town.debit()

    answer = browser().get("/desk/tenants/?format=csv").getvalue().decode()

    assert payment.tenant.name in answer
    assert "<a " not in answer


def test_a_tenants_page_tells_how_he_pays(town):
    payment = town.debit("9900555777")
    AutopayFactory(mandate=payment.mandate, tenant=payment.tenant, lease=payment.lease)

    page = shown(browser().get(pages(payment)[0]).text)

    assert "•••• 5777" in page
    assert "9900555777" not in page
    assert "Next debit" in page
    assert "$1,000.00" in page


def test_a_tenant_is_invited_to_the_portal(town):
    lease = LeaseFactory(unit__property=town.home, share__tenant__email="payer@example.org")
    tenant = primary_tenant(lease)

    answer = browser().post(f"/desk/tenants/{tenant.pk}/invite/", follow=True)

    assert "The invitation goes to payer@example.org" in answer.text
    assert Message.objects.get().recipient == "payer@example.org"
    assert Tenant.objects.get(pk=tenant.pk).user is not None


def test_an_invitation_without_an_address_is_refused(town):
    tenant = primary_tenant(LeaseFactory(unit__property=town.home, share__tenant__email=""))

    answer = browser().post(f"/desk/tenants/{tenant.pk}/invite/")

    assert answer.status_code == 422
    assert "There is no e-mail address" in answer.text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PROPERTY_MANAGER])
def test_others_look_and_do_nothing(town, role):
    payment = town.debit()
    client = browser(role, town.home if role == Role.PROPERTY_MANAGER else None)

    looked = [client.get(page).status_code for page in pages(payment)]
    invited = client.post(f"/desk/tenants/{payment.tenant_id}/invite/")
    revoked = revoke(client, payment.mandate)

    assert looked == [200] * 3
    assert (invited.status_code, revoked.status_code) == (403, 403)
    assert not Message.objects.exists()


def test_the_statement_adds_up(town):
    payment = town.debit()
    wanted = {"lease": payment.lease_id, "first": "2026-03-01", "last": "2026-03-31"}

    told = browser().get(pages(payment)[0], wanted)

    assert told.context["statement"].closing_cents == 1000_00
    assert "Balance after" in told.text


def test_a_statement_that_ends_before_it_begins_is_refused(town):
    payment = town.debit()
    wanted = {"lease": payment.lease_id, "first": "2026-03-31", "last": "2026-03-01"}

    answer = browser().get(pages(payment)[0], wanted)

    assert answer.status_code == 422
    assert "The end is before the beginning" in answer.text


def test_a_statement_is_of_the_tenants_own_lease(town):
    payment, other = town.debit(), town.debit()
    wanted = {"lease": other.lease_id, "first": "2026-03-01", "last": "2026-03-31"}

    answer = browser().post(f"{pages(payment)[0]}statement/", wanted)

    assert answer.status_code == 422
    assert not Document.objects.exists()


def test_the_account_of_a_lease_runs_to_what_is_owed(town):
    payment = town.debit()
    add_charge(lease=payment.lease, kind=ChargeKind.UTILITY, cents=40_00, due_on=TUESDAY, at=NOON)

    told = browser().get(pages(payment)[1])
    table = browser().get(f"{pages(payment)[1]}?format=csv").getvalue().decode()

    assert told.context["balance_cents"] == 1040_00
    balances = [row.get_cell("balance_cents") for row in told.context["table"].rows]
    assert balances == ["$1,040.00", "$1,000.00"]
    assert payment.tenant.name in table


def test_an_authorization_tells_its_evidence(town):
    payment = town.debit(channel="INTERNET")

    page = shown(browser().get(pages(payment)[2]).text)

    assert "203.0.113.7" in page
    assert payment.mandate.text.sha256 in page


def test_revoking_tells_first_what_it_stops(town):
    payment = town.debit()

    page = shown(browser().get(f"{pages(payment)[2]}revoke/").text)

    assert "The payment of $1,000.00 on Mar 3, 2026 is canceled" in page
    assert Mandate.objects.get().status == MandateStatus.ACTIVE


def test_revoking_tells_what_goes_all_the_same(town):
    payment = town.debit()
    town.frozen()

    page = shown(browser().get(f"{pages(payment)[2]}revoke/").text)

    assert "This can no longer be stopped" in page
    assert "the cut-off was Mar 2, 2026 16:00" in page


def test_a_revoked_authorization_ends_with_its_payments(town):
    payment, client = town.debit(), browser()

    answer = revoke(client, payment.mandate)
    again = client.post(f"{pages(payment)[2]}revoke/", {"reason": "twice"}, follow=True)

    payment.refresh_from_db()
    assert answer.status_code == 302
    assert Mandate.objects.get().status == MandateStatus.REVOKED
    assert payment.status == PaymentStatus.CANCELLED
    assert "not in force any more" in again.text


def test_revoking_needs_a_reason(town):
    payment = town.debit()

    answer = revoke(browser(), payment.mandate, reason="")

    assert answer.status_code == 422
    assert 'href="#id_reason"' in answer.text
    assert Mandate.objects.get().status == MandateStatus.ACTIVE


@pytest.mark.parametrize("page", [0, 1, 2])
def test_more_payments_cost_no_more_questions(town, page):
    payment, client, asked = town.debit(), browser(), []
    address = pages(payment)[page]
    client.get(address)
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address)
        asked.append(len(queries))
        LeaseShareFactory(lease=payment.lease, tenant=TenantFactory(), is_primary=False)
        add_charge(
            lease=payment.lease, kind=ChargeKind.UTILITY, cents=40_00, due_on=TUESDAY, at=NOON
        )

    assert asked[0] == asked[1]
