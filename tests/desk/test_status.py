import re

import pytest
from django.test import Client

from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role
from tests.desk.signing_in import verified
from tests.factories import AT, UserFactory, WindowFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, Role.AUDITOR)
    return verified(user)


def test_a_stranger_is_sent_to_sign_in(client: Client):
    answer = client.get("/desk/status/")

    assert answer.status_code == 302
    assert "/login/" in answer.url


def test_a_password_alone_does_not_open_it(client: Client):
    client.force_login(UserFactory(is_staff=True))

    assert client.get("/desk/status/").status_code == 302


def test_a_tenant_does_not_see_it():
    assert verified(UserFactory()).get("/desk/status/").status_code == 403


def test_an_empty_system_says_so_in_words(auditor: Client):
    page = auditor.get("/desk/status/").content.decode()

    assert "Nothing waits for a person." in page
    assert "Every batch is settled." in page
    assert "No file yet." in page


def test_it_names_the_next_cut_off(auditor: Client):
    WindowFactory(profile__name="First Bank", code="NEXT_DAY")

    assert "First Bank NEXT_DAY closes" in auditor.get("/desk/status/").content.decode()


def test_open_cases_are_counted_by_kind_with_what_is_at_risk(auditor: Client):
    for number in (1, 2):
        open_case(
            kind=CaseKind.UNMATCHED_RETURN,
            subject="returns.return",
            subject_id=number,
            summary="nobody sent this trace",
            at=AT,
            cents=125_000,
        )

    page = auditor.get("/desk/status/").content.decode()

    assert "Return of an unknown entry" in page
    assert "$2,500.00" in page


def test_it_allows_no_inline_style_or_script(auditor: Client):
    answer = auditor.get("/desk/status/")

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert not re.search(r"<script(?![^>]* src=)", answer.text)
