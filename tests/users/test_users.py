from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.audit.models import Event
from housing_ach.users.models import User
from housing_ach.users.services import EmailTaken, create_staff, current_code, system_user

PASSWORD = "a made-up pass phrase"


@pytest.fixture
def ada(db):
    return create_staff(email="Ada@Example.org", name="Ada Clerk", password=PASSWORD)


def test_a_member_of_staff_signs_in_in_any_case_of_letters(ada):
    assert (
        authenticate(RequestFactory().get("/"), username="ADA@example.org", password=PASSWORD)
        == ada
    )
    assert (
        authenticate(RequestFactory().get("/"), username="ada@example.org", password="wrong")
        is None
    )
    assert (ada.email, ada.is_staff, ada.is_superuser) == ("ada@example.org", True, False)


def test_one_address_is_one_user_in_any_case(ada):
    with pytest.raises(EmailTaken, match="is taken"):
        create_staff(email="ADA@example.org", name="Other", password=PASSWORD)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="aDa@example.org", name="Other")


def test_staff_have_an_authenticator(ada):
    code = current_code(email=ada.email, unix_time=TOTPDevice.objects.get(user=ada).t0)

    assert len(code) == 6


def test_the_code_of_this_moment_is_accepted(ada):
    out = StringIO()
    call_command("otp", "ADA@example.org", stdout=out)

    assert TOTPDevice.objects.get(user=ada).verify_token(out.getvalue().strip())


def test_live_mode_tells_no_code(ada, settings):
    settings.LIVE_MODE = True

    with pytest.raises(CommandError, match="live mode"):
        call_command("otp", ada.email)


def test_who_has_no_authenticator_has_no_code(db):
    with pytest.raises(CommandError, match="has no authenticator"):
        call_command("otp", "nobody@example.org")


def test_the_systems_user_cannot_sign_in(db):
    system = system_user()

    assert not system.is_active
    assert not system.has_usable_password()
    assert authenticate(RequestFactory().get("/"), username=system.email, password="!") is None


def test_superusers_are_staff(db):
    root = User.objects.create_superuser("root@example.org", PASSWORD, name="Root")

    assert (root.is_staff, root.is_superuser) == (True, True)
    assert (root.get_full_name(), root.get_short_name(), str(root)) == ("Root", "Root", root.email)


def test_the_trail_knows_no_password_and_no_key(ada):
    ada.set_password("another made-up phrase")
    ada.save()

    told = list(
        Event.objects.filter(subject__in=["users.user", "otp_totp.totpdevice"]).order_by("id")
    )
    assert [e.kind for e in told[-3:]] == ["row.insert", "row.insert", "row.update"]
    assert told[-1].data == {"old": {}, "new": {}, "secret": ["password"]}
    everything = " ".join(str(event.data) for event in told)
    assert "argon2" not in everything
    assert TOTPDevice.objects.get(user=ada).key not in everything
