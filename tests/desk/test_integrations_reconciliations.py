"""What programs said of the day's settlement, on the desk."""

import pytest
from django.urls import reverse

from housing_ach.cases.models import Case
from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.reconciliation.models import Line
from housing_ach.tenants.states import Role
from tests.api.conftest import town
from tests.batches.town import NOON
from tests.desk.signing_in import verified
from tests.desk.test_integrations_clients import browser
from tests.factories import PropertyFactory, UserFactory
from tests.reconciliation.conftest import sent, settled_town
from tests.reconciliation.files import json_of, returned, settled, told
from tests.returns.post import only_entry

__all__ = ["sent", "settled_town", "town"]

pytestmark = pytest.mark.django_db
LIST = "/desk/integrations/reconciliations/"
STRANGE = "999999990000001"


@pytest.fixture(autouse=True)
def noon(town):
    start(NOON)


def page(row) -> str:
    return f"{LIST}{row.pk}/"


def lines(answer) -> list[int]:
    return [each.record.number for each in answer.context["table"].paginated_rows]


def test_a_file_tells_what_agrees_and_what_does_not(settled_town):
    entry = only_entry()
    row = told(json_of(settled(entry), returned(entry), settled(entry, trace=STRANGE)))

    answer = browser(Role.FINANCE).get(page(row))

    assert "Agrees with the bank" in answer.text
    assert "Bank has not said yet" in answer.text
    assert reverse("desk:payment", args=[entry.payment_id]) in answer.text
    assert reverse("desk:case", args=[Line.objects.get(name=STRANGE).case_id]) in answer.text


def test_lines_are_filtered_by_what_the_bank_says(settled_town):
    entry = only_entry()
    row = told(json_of(settled(entry), settled(entry, trace=STRANGE)))
    finance = browser(Role.FINANCE)

    assert lines(finance.get(page(row))) == [1, 2]
    assert lines(finance.get(page(row), {"fate": "UNKNOWN"})) == [2]


def test_a_file_that_cannot_be_read_tells_why(sent):
    row = told(b"{}\n")

    answer = browser(Role.AUDITOR).get(page(row))

    assert "Not readable" in answer.text
    assert "Line 1" in answer.text
    assert row.errors[0]["message"] in answer.text


def test_the_list_is_filtered_by_client_and_state(sent):
    good = told(json_of(settled(only_entry())))
    bad = told(b"{}\n", client=good.client)
    finance = browser(Role.FINANCE)

    def listed(**filters: str) -> set[int]:
        table = finance.get(LIST, filters).context["table"]
        return {each.record.pk for each in table.paginated_rows}

    assert listed() == {good.pk, bad.pk}
    assert listed(status="QUARANTINED") == {bad.pk}
    assert listed(q="nobody") == set()


def test_lines_come_as_csv(sent):
    row = told(json_of(settled(only_entry())))

    answer = browser(Role.AUDITOR).get(page(row), {"format": "csv"})

    told_line = b"".join(answer.streaming_content).decode().splitlines()[1]
    assert only_entry().trace in told_line
    assert "TENTATIVE" in told_line


def test_an_exception_leads_to_the_file_it_is_about(sent):
    row = told(json_of(settled(only_entry(), trace=STRANGE)))

    case = reverse("desk:case", args=[Case.objects.get().pk])
    answer = browser(Role.FINANCE).get(case, follow=True)

    assert page(row) in answer.text


def test_whoever_works_for_one_property_sees_no_files(sent):
    row = told(json_of(settled(only_entry())))
    clerk = UserFactory(is_staff=True)
    give_role(clerk, Role.FINANCE, to=PropertyFactory())
    here = verified(clerk)

    assert {here.get(LIST).status_code, here.get(page(row)).status_code} == {403}
