"""How the books stand in the customer's ERP, on the desk."""

import pytest

from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import start
from housing_ach.erp.models import Posting
from housing_ach.erp.services import plan_postings, post_waiting
from housing_ach.erp.states import PostingStatus
from housing_ach.tenants.states import Role
from tests import integrations
from tests.batches.town import NOON
from tests.desk.test_integrations_clients import browser
from tests.erp.conftest import DAY, LATER, Erp, customer_database, erp, rent
from tests.factories import AT, FundFactory
from tests.final import wait_until_final

__all__ = ["customer_database", "erp"]
LIST = "/desk/integrations/erp/"


def page(posting: Posting, more: str = "") -> str:
    return f"{LIST}postings/{posting.pk}/{more}"


@pytest.fixture
def conflict(db) -> Posting:
    start(NOON)
    return integrations.post_to(PostingStatus.CONFLICT)


def test_a_target_with_a_conflict_is_stopped(conflict):
    auditor = browser(Role.AUDITOR)

    listed = auditor.get(LIST).text
    shown = auditor.get(f"{LIST}{conflict.target_id}/", {"status": "CONFLICT"})

    assert "Stopped" in listed
    assert [row.record for row in shown.context["table"].paginated_rows] == [conflict]
    assert "the ERP&#x27;s lines differ" in shown.text


def test_postings_are_filtered_by_state_and_day(conflict):
    posted = integrations.post_to(PostingStatus.POSTED, number=2)
    clerk = browser(Role.FINANCE)

    def listed(**filters: object) -> list[Posting]:
        table = clerk.get(f"{LIST}{conflict.target_id}/", filters).context["table"]
        return [row.record for row in table.paginated_rows]

    assert listed(status="POSTED") == [posted]
    assert listed(last=conflict.day) == [conflict]


def test_what_was_put_right_is_posted_again(conflict):
    clerk = browser(Role.FINANCE)

    answer = clerk.post(page(conflict, "again/"))

    assert answer.url == page(conflict)
    assert Posting.objects.get().status == PostingStatus.PENDING


def test_what_is_in_the_erp_is_not_posted_again(conflict):
    posted = integrations.post_to(PostingStatus.POSTED, number=2)
    clerk = browser(Role.FINANCE)

    answer = clerk.post(page(posted, "again/"))

    assert answer.status_code == 422
    assert "Post it again" not in clerk.get(page(posted)).text
    assert Posting.objects.get(pk=posted.pk).status == PostingStatus.POSTED


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_finance_alone_posts_again(conflict, role):
    assert browser(role).post(page(conflict, "again/")).status_code == 403


def test_a_posting_names_its_open_exception(conflict):
    open_case(CaseKind.ERP_POSTING, "erp.posting", conflict.pk, "books differ", at=AT)

    assert "books differ" in browser(Role.AUDITOR).get(page(conflict)).text


def test_a_database_that_cannot_be_asked_is_told(conflict):
    shown = browser(Role.AUDITOR).get(f"{LIST}{conflict.target_id}/", {"compare": "2026-03-01"})

    assert shown.status_code == 200
    assert "cannot be asked now" in shown.text


def test_a_day_that_is_none_is_refused(conflict):
    shown = browser(Role.AUDITOR).get(f"{LIST}{conflict.target_id}/", {"compare": "someday"})

    assert shown.status_code == 422


def test_a_days_totals_stand_beside_the_erps(erp: Erp):
    start(LATER)
    rent(FundFactory(), 1)
    wait_until_final()
    plan_postings(at=LATER)
    post_waiting(at=LATER)
    auditor = browser(Role.AUDITOR)

    agree = auditor.get(f"{LIST}{erp.target.pk}/", {"compare": DAY}).context["totals"]
    erp.do("DELETE FROM pay_gl_line WHERE line_no = 2")
    differ = auditor.get(f"{LIST}{erp.target.pk}/", {"compare": DAY}).context["totals"]

    assert [total.agrees for total in agree] == [True]
    assert [total.agrees for total in differ] == [False]
    assert agree[0].ours[1] == 1000_00


@pytest.mark.parametrize(
    ("subject", "key", "page"),
    [
        ("erp.posting", "7", "/desk/integrations/erp/postings/7/"),
        ("erp.target", "3:2026-03-01", "/desk/integrations/erp/3/?compare=2026-03-01"),
        ("webhooks.endpoint", "5", "/desk/integrations/webhooks/5/"),
        ("users.client", "9", "/desk/integrations/clients/9/"),
    ],
)
def test_an_exception_leads_to_what_it_is_about(db, subject, key, page):
    start(NOON)
    opened = open_case(CaseKind.ERP_POSTING, subject, key, "look at it", at=AT)

    answer = browser(Role.FINANCE).get("/desk/exceptions/", {"item": opened.pk})

    assert f'href="{page}"' in answer.text
