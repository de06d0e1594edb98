import csv
from datetime import date, timedelta

import pytest
from django.test import Client

from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.payments.models import Payment
from housing_ach.reports.models import Document
from housing_ach.reports.services import documents as making
from housing_ach.reports.services import print_waiting, tenant_statement
from housing_ach.reports.states import DocumentKind, DocumentStatus
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Role
from tests.batches.town import NOON, THURSDAY, TUESDAY, Town, morning
from tests.desk.signing_in import verified
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory
from tests.papers import needs_libraries
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

pytestmark = [pytest.mark.django_db, needs_libraries]
REPORTS = "/desk/reports/"
HTMX = {"HX-Request": "true"}
YEAR = {"statement-first": "2026-01-01", "statement-last": "2026-12-31"}


@pytest.fixture
def town() -> Town:
    start(morning(THURSDAY))
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def rent(town) -> Payment:
    """Settled on Tuesday."""
    payment = town.debit()
    settle(town, send(town))
    return payment


def browser(role: Role = Role.FINANCE, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def test_a_day_end_is_made_shown_among_the_recent_and_opened(rent):
    finance = browser()

    answer = finance.post(f"{REPORTS}day/", {"day-on": str(TUESDAY)}, follow=True)

    document = Document.objects.get()
    assert answer.redirect_chain[0][0] == f"{REPORTS}?made={document.pk}"
    assert f"{REPORTS}{document.pk}/" in answer.text
    paper = finance.get(f"{REPORTS}{document.pk}/")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")


def test_the_second_who_asks_gets_the_same_paper(rent):
    first = browser().post(f"{REPORTS}day/", {"day-on": str(TUESDAY)})
    second = browser(Role.AUDITOR).post(f"{REPORTS}day/", {"day-on": str(TUESDAY)})

    assert first.url == second.url
    assert Document.objects.count() == 1


def test_a_day_to_come_has_no_end_yet(rent):
    answer = browser().post(f"{REPORTS}day/", {"day-on": str(THURSDAY + timedelta(days=1))})

    assert answer.status_code == 422
    assert 'href="#id_day-on"' in answer.text
    assert not Document.objects.exists()


def test_the_funds_of_a_day_come_as_a_list(rent):
    answer = browser().post(f"{REPORTS}day/", {"day-on": str(TUESDAY), "csv": "1"})

    rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert answer["Content-Disposition"] == f'attachment; filename="day-end-{TUESDAY}.csv"'
    assert "1,000.00" in [row["Settled"] for row in rows]


def test_a_batch_is_reported_by_its_number(rent):
    finance, batch = browser(), only_entry().batch

    finance.post(f"{REPORTS}batch/", {"batch-number": str(batch.pk)})
    wrong = finance.post(f"{REPORTS}batch/", {"batch-number": "999999"})

    assert Document.objects.get().kind == DocumentKind.BATCH
    assert wrong.status_code == 422
    assert "999999" in wrong.text


@pytest.mark.parametrize("said", ["external_id", "name"])
def test_a_statement_is_asked_for_by_what_a_clerk_knows(rent, said):
    typed = getattr(rent.tenant, said).upper()

    browser().post(f"{REPORTS}statement/", YEAR | {"statement-tenant": typed})

    document = Document.objects.get()
    assert (document.tenant, document.lease) == (rent.tenant, rent.lease)


def test_two_tenants_of_one_name_are_not_mixed_up(town, rent):
    other = town.debit().tenant
    type(other).objects.filter(pk=other.pk).update(name=rent.tenant.name)

    form = YEAR | {"statement-tenant": rent.tenant.name}
    answer = browser().post(f"{REPORTS}statement/", form)

    assert answer.status_code == 422
    assert "give the tenant number" in answer.text


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [("2026-02-01", "2026-01-01", "last"), ("2024-01-01", "2026-01-01", "first")],
)
def test_a_period_has_its_bounds(rent, first, last, field):
    form = {
        "statement-tenant": rent.tenant.external_id,
        "statement-first": first,
        "statement-last": last,
    }
    answer = browser().post(f"{REPORTS}statement/", form)

    assert answer.status_code == 422
    assert f'href="#id_statement-{field}"' in answer.text
    assert rent.tenant.external_id in answer.text


def test_a_long_paper_tells_how_far_it_is_and_stops_asking(rent, monkeypatch):
    monkeypatch.setattr(making, "ROWS_AT_ONCE", -1)
    finance = browser()
    url = finance.post(f"{REPORTS}day/", {"day-on": str(TUESDAY)}).url
    document = Document.objects.get()
    Document.objects.update(status=DocumentStatus.RUNNING, progress=40)

    waiting = finance.get(f"{REPORTS}{document.pk}/", headers=HTMX)
    early = finance.get(f"{REPORTS}{document.pk}/")
    Document.objects.update(status=DocumentStatus.QUEUED, progress=0)
    print_waiting()
    done = finance.get(f"{REPORTS}{document.pk}/", headers=HTMX)

    assert waiting.status_code == 200
    assert 'value="40"' in waiting.text
    assert early.url == url
    assert done.status_code == 286
    assert "hx-get" not in done.text
    assert "Open the PDF" in done.text


def test_a_manager_gets_the_own_tenants_alone(town, rent):
    other = PropertyFactory()
    manager, stranger = browser(Role.PROPERTY_MANAGER, town.home), browser(Role.FINANCE, other)
    form = YEAR | {"statement-tenant": rent.tenant.external_id}

    foreign = stranger.post(f"{REPORTS}statement/", form)
    manager.post(f"{REPORTS}statement/", form)

    document = Document.objects.get()
    assert foreign.status_code == 422
    assert "No tenant is found" in foreign.text
    assert manager.get(f"{REPORTS}{document.pk}/").status_code == 200
    assert stranger.get(f"{REPORTS}{document.pk}/").status_code == 404


def test_what_sums_up_all_properties_is_for_those_who_see_all(town, rent):
    manager = browser(Role.PROPERTY_MANAGER, town.home)
    batch = only_entry().batch

    shown = manager.get(REPORTS).text
    day = manager.post(f"{REPORTS}day/", {"day-on": str(TUESDAY)})
    report = manager.post(f"{REPORTS}batch/", {"batch-number": str(batch.pk)})

    assert "Day-end" not in shown
    assert (day.status_code, report.status_code) == (403, 403)


def test_returns_come_as_a_list_that_runs_nothing(town, rent):
    deliver(town, about(only_entry(), "R01"))
    type(rent.tenant).objects.filter(pk=rent.tenant.pk).update(name="=cmd|' /C calc'!A0")

    days = {"returns-first": "2026-03-01", "returns-last": "2026-03-31"}
    answer = browser().post(f"{REPORTS}returns/", days)

    (row,) = csv.DictReader(b"".join(answer).decode().splitlines())
    assert (row["Code"], row["Reason"]) == ("R01", "Insufficient funds")
    assert row["Tenant"] == "'=cmd|' /C calc'!A0"
    assert row["Amount"] == "1,000.00"


def test_the_recent_files_come_as_a_list(rent, town):
    days = date(2026, 1, 1), date(2026, 12, 31)
    made = tenant_statement(rent.lease, rent.tenant, days=days, by=town.clerk, at=NOON)

    answer = browser().get(f"{REPORTS}?format=csv")

    (row,) = csv.DictReader(b"".join(answer).decode().splitlines())
    assert (row["File"], row["Report"]) == (made.name, "STATEMENT")
