import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.audit.models import Event
from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role
from housing_ach.users import middleware, services
from housing_ach.users.models import User
from tests.desk.signing_in import verified
from tests.portal.signing_in import LOGIN, PASSWORD, give_code, give_password

pytestmark = pytest.mark.django_db

EMAIL = "grace@example.org"
STATUS = "/desk/status/"


@pytest.fixture
def grace() -> User:
    user = services.create_staff(email=EMAIL, name="Grace", password=PASSWORD)
    give_role(user, Role.AUDITOR)
    return user


@pytest.fixture
def maya() -> User:
    return User.objects.create_user("maya@example.org", PASSWORD, name="Maya")


def code() -> str:
    return services.current_code(email=EMAIL, unix_time=time.time())


def test_password_and_code_open_the_page_that_was_asked_for(client, grace):
    asked = client.get(STATUS)
    give_password(client, EMAIL, then=STATUS)
    answer = give_code(client, code(), then=STATUS)

    assert asked.url == f"{LOGIN}?next=%2Fdesk%2Fstatus%2F"
    assert answer.url == STATUS
    assert client.get(STATUS).status_code == 200


def test_the_password_alone_opens_nothing(client, grace):
    give_password(client, EMAIL)

    assert client.get(STATUS).url.startswith(LOGIN)


def test_a_wrong_code_is_refused(client, grace):
    give_password(client, EMAIL)

    assert give_code(client, "000000").status_code == 200
    assert client.get(STATUS).url.startswith(LOGIN)


def test_the_code_of_another_is_refused(client, grace):
    services.create_staff(email="ada@example.org", name="Ada", password=PASSWORD)
    give_password(client, EMAIL)

    give_code(client, services.current_code(email="ada@example.org", unix_time=time.time()))

    assert client.get(STATUS).url.startswith(LOGIN)


def test_a_recovery_code_works_once(client, grace):
    device = StaticDevice.objects.create(user=grace, name="backup")
    device.token_set.create(token="abcd1234")

    for browser, opened in ((client, True), (Client(), False)):
        give_password(browser, EMAIL)
        browser.post(LOGIN, {"login_view-current_step": "token", "wizard_goto_step": "backup"})
        form = {"login_view-current_step": "backup", "backup-otp_token": "abcd1234"}
        browser.post(LOGIN, form)
        assert (browser.get(STATUS).status_code == 200) is opened


def test_staff_without_a_second_factor_can_only_set_one_up(client, grace):
    TOTPDevice.objects.all().delete()
    give_password(client, EMAIL)

    assert client.get(STATUS).url == "/account/two_factor/setup/"
    assert client.get("/account/two_factor/setup/").status_code == 200


def test_five_wrong_passwords_lock_the_name(client, grace):
    answers = [give_password(client, EMAIL, "wrong").status_code for _ in range(5)]
    locked = give_password(client, EMAIL)

    assert answers[:4] == [200, 200, 200, 200]
    assert locked.status_code == 429
    assert "fifteen minutes" in locked.text
    assert "wrong" not in AccessAttempt.objects.get().post_data


def test_a_member_of_staff_at_rest_is_signed_out(grace):
    client = verified(grace)
    client.get(STATUS)
    session = client.session
    session[middleware.SEEN] -= middleware.IDLE.total_seconds()
    session.save()

    answer = client.get(STATUS, follow=True)

    assert answer.redirect_chain[0][0].startswith(LOGIN)
    assert "signed out" in answer.text


def test_eight_hours_are_the_most_however_busy(grace):
    client = verified(grace)
    client.get(STATUS)
    session = client.session
    session[middleware.BEGAN] -= timedelta(hours=8).total_seconds()
    session.save()

    assert client.get(STATUS).url.startswith(LOGIN)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(grace):
    client = verified(grace)
    client.get(STATUS)
    session = client.session
    session[middleware.SEEN] -= 120
    before = session[middleware.SEEN]
    session.save()

    client.get(STATUS, headers={"X-Poll": "1"})

    assert client.session[middleware.SEEN] == before


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/status/?page=2"}

    answer = client.get("/desk/status/", headers=headers)

    assert answer.headers["HX-Redirect"] == f"{LOGIN}?next=%2Fdesk%2Fstatus%2F%3Fpage%3D2"


def test_a_tenant_needs_no_second_factor_and_sees_no_page_of_staff(client, maya):
    give_password(client, maya.email)

    assert client.get("/admin/", follow=True).status_code == 403


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(client, maya):
    client.post("/account/password/", {"email": maya.email})
    link = next(line for line in mail.outbox[0].body.splitlines() if line.startswith("http"))
    opened = client.get(link.removeprefix("http://testserver"), follow=True)
    new = "another long enough one"
    form = {"new_password1": new, "new_password2": new}
    saved = client.post(opened.redirect_chain[-1][0], form)

    assert saved.url == LOGIN
    assert give_password(client, maya.email, new).status_code == 302
    assert "does not work any more" in Client().get(link, follow=True).text


def test_that_a_new_password_was_mailed_is_kept_and_its_link_is_not(client, maya):
    client.post("/account/password/", {"email": maya.email})

    event = Event.objects.get(kind="user.password_mailed")
    assert (event.subject, event.subject_id, event.data) == ("users.user", str(maya.pk), {})


def test_an_unknown_address_is_answered_the_same(client, maya):
    known = client.post("/account/password/", {"email": maya.email})
    unknown = client.post("/account/password/", {"email": "nobody@example.org"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mail.outbox) == 1


def test_the_chosen_colours_are_kept_and_no_foreign_page_is_gone_to(client):
    answer = client.post("/account/theme/", {"theme": "dark", "next": "https://example.org/"})

    assert answer.url == "/"
    assert 'data-theme="dark"' in client.get(LOGIN).text
