"""The list of payments: whose they are, and what is kept from it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housing_ach.batches.models import Entry
from housing_ach.payments.states import Direction, PaymentStatus, Purpose
from housing_ach.tenants.states import Role
from tests.batches.town import Town
from tests.desk.signing_in import verified
from tests.factories import (
    BankProfileFactory,
    MembershipFactory,
    PaymentFactory,
    PropertyFactory,
    WindowFactory,
)

pytestmark = pytest.mark.django_db
URL = "/desk/payments/"


def browser(role=Role.FINANCE, **fields):
    return verified(MembershipFactory(role=role, **fields).user)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.ADMIN])
def test_staff_of_the_organisation_see_every_payment(role):
    names = [PaymentFactory().tenant.name for _ in range(2)]

    page = browser(role).get(URL).text

    assert all(name in page for name in names)


def test_a_manager_sees_only_his_property():
    mine, other = PaymentFactory(), PaymentFactory()

    page = browser(Role.PROPERTY_MANAGER, property=mine.lease.unit.property).get(URL).text

    assert f">{mine.tenant.name}</a>" in page
    assert other.lease.unit.property.name not in page


@pytest.mark.parametrize(
    ("form", "told"), [("", "Hidden until verified"), ("?format=csv", ",2026-03-05,,SCHEDULED")]
)
def test_the_cents_that_verify_an_account_stay_hidden(form, told):
    credit = {"direction": Direction.CREDIT, "mandate__lease__share__tenant__name": "Ann Proof"}
    PaymentFactory(purpose=Purpose.MICRO_DEPOSIT, cents=37, **credit)

    page = browser().get(URL + form).getvalue().decode()

    assert "Ann Proof" in page
    assert "0.37" not in page
    assert told in page


def test_payments_are_found_by_status_and_tenant():
    held = PaymentFactory(status=PaymentStatus.HELD)
    PaymentFactory()

    rows = browser().get(URL, {"status": "HELD", "q": held.tenant.name}).context["table"].rows

    assert [row.record for row in rows] == [held]


def test_payments_are_found_by_property_and_day():
    wanted = PaymentFactory(requested_on=date(2026, 4, 2))
    home = wanted.lease.unit.property
    PaymentFactory(mandate__lease__unit__property=home), PaymentFactory()

    named = {"property": home.pk, "first": "2026-04-01", "last": "2026-04-30"}
    rows = browser().get(URL, named).context["table"].rows

    assert [row.record for row in rows] == [wanted]


def test_a_payment_is_found_by_its_trace_number():
    profile = BankProfileFactory()
    funds = {f"{kind}_fund__company__profile": profile for kind in ("operating", "deposit")}
    town = Town(None, WindowFactory(profile=profile), PropertyFactory(**funds))
    wanted, _ = town.debit(), town.debit()
    town.build()
    trace = "021000021234567"
    Entry.objects.filter(payment=wanted).update(trace=trace)

    rows = browser().get(URL, {"q": trace}).context["table"].rows

    assert [row.record for row in rows] == [wanted]


def test_more_payments_cost_no_more_questions():
    client, asked = browser(), []
    for more in (5, 20):
        PaymentFactory.create_batch(more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(URL)
        asked.append(len(queries))

    assert asked[0] == asked[1]
