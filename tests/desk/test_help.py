"""The guide tells what the product does: its figures come from where the product has them."""

import re

import pytest
from django.test import Client

from housing_ach.celery import TIMETABLE
from housing_ach.clock.services import advance, start
from housing_ach.desk import guide
from housing_ach.desk.case_actions import ACTIONS, ALWAYS
from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role, Rollout
from housing_ach.webhooks.services import MOST_TRIES
from tests.batches.town import CUT_OFF, NOON
from tests.desk.signing_in import verified
from tests.factories import PropertyFactory, UserFactory, WindowFactory

pytestmark = pytest.mark.django_db
PAGE = "/desk/help/"
STAFF = [role for role in Role if role != Role.TENANT]


def browser(role: Role) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=PropertyFactory() if role == Role.PROPERTY_MANAGER else None)
    return verified(user)


def text(client: Client) -> str:
    return " ".join(client.get(PAGE).text.split())


@pytest.mark.parametrize("role", STAFF)
def test_every_link_of_it_opens_for_whoever_reads_it(role):
    start(NOON)
    client = browser(role)

    links = set(re.findall(r'href="(/[^"#]*)"', client.get(PAGE).text))

    assert "/desk/batches/?status=DRAFT" in links
    closed = {link for link in links if client.get(link, follow=True).status_code != 200}
    assert not {link for link in closed if not link.startswith("/static/")}


def test_the_menu_leads_to_it():
    start(NOON)

    assert f'href="{PAGE}"' in browser(Role.AUDITOR).get("/desk/").text


def test_only_an_administrator_is_sent_to_the_records_of_people():
    start(NOON)

    assert "/admin/tenants/membership/" in text(browser(Role.ADMIN))
    assert "/admin/" not in text(browser(Role.FINANCE))


def test_the_times_of_the_day_are_those_of_the_bank():
    start(NOON)
    WindowFactory()

    before = text(browser(Role.FINANCE))
    advance(CUT_OFF)
    after = text(browser(Role.FINANCE))

    assert "Mar 2, 2026 12:00" in before  # built
    assert "Mar 2, 2026 15:00" in before  # made into files
    assert "Mar 2, 2026 16:00" in before
    assert "Mar 3, 2026 16:00" in after
    assert "Mar 2, 2026 16:00" not in after


def test_it_says_so_where_no_bank_has_a_cut_off():
    start(NOON)

    assert "No bank has a cut-off yet." in text(browser(Role.FINANCE))


def test_what_happens_by_itself_is_in_the_timetable():
    told = dict(guide.by_itself())

    assert set(guide.BY_ITSELF) <= {task.removeprefix("housing_ach.") for task in TIMETABLE}
    assert told[guide.BY_ITSELF["batches.tasks.send_files"]] == "every 30 seconds"
    assert told[guide.BY_ITSELF["batches.tasks.freeze_batches"]] == "every minute"
    assert told[guide.BY_ITSELF["batches.tasks.build_batches"]] == "every 2 minutes"


def test_every_action_mode_and_role_is_explained():
    offered = {action for actions in ACTIONS.values() for action in actions} | set(ALWAYS)

    assert set(guide.DOES) == offered
    assert set(guide.MODES) == set(Rollout)
    assert set(guide.MAY) == set(STAFF)


def test_it_groups_the_codes_as_returns_are_treated():
    start(NOON)
    page = text(browser(Role.AUDITOR))

    assert "Not enough money (R01, R09)" in page
    assert "(R02, R03, R04)" in page
    assert "at most 2 times and within 180 days" in page
    assert [level in page for level in ("0.50%", "3.00%", "15.00%")] == [True] * 3


def test_it_tells_how_programs_are_let_in():
    start(NOON)

    page = text(browser(Role.FINANCE))

    assert "After 90 days you are reminded" in page
    assert f"tried {MOST_TRIES} times" in page
    assert 'href="/desk/integrations/clients/"' in page
    assert "/desk/integrations/" not in text(browser(Role.PROPERTY_MANAGER))
