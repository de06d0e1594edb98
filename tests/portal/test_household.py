from datetime import date

import pytest

from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.models import LeaseShare
from tests.factories import (
    BankAccountFactory,
    LeaseFactory,
    MandateFactory,
    PaymentFactory,
    TenantFactory,
)
from tests.payments.story import settle
from tests.portal.payers import payer


@pytest.fixture
def ada(db):
    return payer()


@pytest.fixture
def ben(ada):
    """Pays half of the same lease."""
    ben = TenantFactory(name="Ben Ross")
    LeaseShare.objects.create(lease=ada.lease, tenant=ben, starts_on=ada.lease.starts_on)
    return ben


def pays(ada, tenant, status=PaymentStatus.SCHEDULED):
    account = BankAccountFactory(tenant=tenant, last_four="4321")
    mandate = MandateFactory(lease=ada.lease, tenant=tenant, bank_account=account)
    return PaymentFactory(mandate=mandate, cents=500_00, status=status)


def test_everybody_sees_who_owes_and_who_paid(ada, ben):
    ada.owe(1000_00)
    settle(pays(ada, ben))

    page = ada.client.get("/roommates/")

    assert [(row.name, row.percent, row.open_cents) for row in page.context["payers"]] == [
        (ada.tenant.name, 50, 500_00),
        ("Ben Ross", 50, 0),
    ]
    assert "Ben Ross: $500.00" in page.text


def test_nobody_sees_anothers_bank_or_what_came_back(ada, ben):
    ada.owe(1000_00)
    payment = pays(ada, ben, PaymentStatus.RETURNED)

    pages = [
        ada.client.get(path).text for path in ("/roommates/", "/payments/", "/payments/balance/")
    ]

    for page in pages:
        assert "4321" not in page
        assert "Returned" not in page.replace('<option value="RETURNED">Returned</option>', "")
        assert f"/payments/{payment.order_id}/" not in page


def test_the_pages_of_a_roommates_payment_are_not_there(ada, ben):
    payment = pays(ada, ben)
    paths = ["payments/{}/", "payments/{}/receipt.pdf", "pay/{}/"]

    found = [ada.client.get("/" + path.format(payment.order_id)).status_code for path in paths]
    mandate = ada.client.get(f"/authorizations/{payment.mandate_id}.pdf")
    canceled = ada.client.post(f"/payments/{payment.order_id}/cancel/")

    assert {*found, mandate.status_code, canceled.status_code} == {404}


def test_a_roommate_who_has_left_is_no_longer_among_the_shares(ada, ben):
    LeaseShare.objects.filter(tenant=ben).update(ends_on=date(2026, 2, 28))

    payers = ada.client.get("/roommates/").context["payers"]

    assert [row.name for row in payers] == [ada.tenant.name]


@pytest.mark.parametrize("page", ["roommates/", "payments/balance/", "payments/statement.pdf"])
def test_a_lease_of_somebody_else_is_not_there(ada, page):
    other = LeaseFactory()

    assert ada.client.get(f"/{page}?lease={other.pk}").status_code == 404


def test_the_balance_is_explained_line_by_line(ada):
    ada.owe(1000_00)
    mandate = MandateFactory(lease=ada.lease, bank_account=ada.account)
    settle(PaymentFactory(mandate=mandate, cents=400_00))

    page = ada.client.get("/payments/balance/")

    lines = page.context["lines"]
    assert [(row.line.cents, row.line.balance_cents) for row in lines] == [
        (-400_00, 600_00),
        (1000_00, 1000_00),
    ]
    assert [(use.charge_kind, use.cents) for use in lines[0].uses] == [("RENT", 400_00)]


def test_two_leases_are_told_apart(ada):
    second = LeaseFactory(share__tenant=ada.tenant, unit__name="The other one")

    page = ada.client.get(f"/payments/balance/?lease={second.pk}")

    assert page.context["lease"] == second
    assert "Your homes" in page.text
