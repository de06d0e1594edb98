import pytest
from django.test import Client

from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import advance, start
from housing_ach.desk.roles import give_role
from housing_ach.desk.selectors import next_cut_off
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Role
from tests.batches.town import CUT_OFF, NOON, Town
from tests.desk.signing_in import verified
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory

pytestmark = pytest.mark.django_db
PAGE = "/desk/"


@pytest.fixture
def town() -> Town:
    start(NOON)
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


def browser(role: Role, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def test_it_leads_to_what_waits_for_approval(town):
    town.debit()
    (batch,) = town.build()

    page = browser(Role.FINANCE).get(PAGE).text
    looked = browser(Role.AUDITOR).get(PAGE).text

    assert f"/desk/batches/{batch.pk}/approve/" in page
    assert "$1,000.00" in page
    assert f"/desk/batches/{batch.pk}/" in looked
    assert "/approve/" not in looked


def test_after_the_cut_off_nothing_is_offered_for_approval(town):
    town.debit()
    town.build()
    advance(CUT_OFF)

    page = browser(Role.FINANCE).get(PAGE).text

    assert "Passed" in page
    assert "/approve/" not in page


def test_it_counts_down_to_the_next_cut_off(town):
    page = browser(Role.AUDITOR).get(PAGE).text

    assert 'data-until="2026-03-02T21:00:00+00:00"' in page
    assert "Mar 2, 2026 16:00" in page
    assert next_cut_off(at=CUT_OFF) == CUT_OFF.replace(day=3)


def test_each_chart_is_told_as_a_table(town):
    town.debit()
    town.build()

    page = browser(Role.AUDITOR).get(PAGE)

    assert page.text.count("Show as a table") == 3
    days, rates, reasons = page.context["charts"]
    assert ["Tue, Mar 3", "$0.00", "$1,000.00", "$0.00"] in days.rows
    assert [row[0] for row in rates.rows] == ["Unauthorized", "Administrative", "Overall"]
    assert reasons.rows == []
    assert page.text.count("<svg") > 6


def test_an_empty_system_says_so_in_words():
    page = browser(Role.FINANCE).get(PAGE).text

    assert "No batch waits for approval." in page
    assert "Nothing waits for a person." in page
    assert "Nothing returned" in page


def test_open_cases_are_counted():
    open_case(CaseKind.CUT_OFF_MISSED, "bank.window", 1, "Closed too early.", at=NOON, cents=500)

    page = browser(Role.FINANCE).get(PAGE)

    assert page.context["cases"]["count"] == 1
    assert "$5.00 at risk" in page.text


def test_a_manager_sees_what_is_the_own_property_s_and_no_totals_of_others(town):
    town.debit()
    (batch,) = town.build()
    link = f"/desk/batches/{batch.pk}/"

    own = browser(Role.PROPERTY_MANAGER, town.home).get(PAGE)
    other = browser(Role.PROPERTY_MANAGER, PropertyFactory()).get(PAGE)

    assert link in own.text
    assert link not in other.text
    assert "$1,000.00" not in other.text
    assert "charts" not in other.context
    assert "Settled this month" not in own.text


def test_staff_begin_here_and_a_tenant_does_not():
    assert browser(Role.FINANCE).get("/").url == PAGE
    assert verified(UserFactory()).get(PAGE).status_code == 403
