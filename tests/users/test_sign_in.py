import time

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.users import services
from housing_ach.users.models import User

PASSWORD = "a long enough password"
EMAIL = "grace@example.org"


@pytest.fixture
def grace(db) -> User:
    return services.create_staff(email=EMAIL, name="Grace", password=PASSWORD)


def sign_in(client, **changed):
    code = services.current_code(email=EMAIL, unix_time=time.time())
    filled = {"username": EMAIL, "password": PASSWORD, "otp_token": code, "next": "/admin/"}
    return client.post("/admin/login/", filled | changed)


def test_one_form_is_enough_with_one_authenticator(client, grace):
    assert sign_in(client)["Location"] == "/admin/"


def test_the_password_alone_is_not_enough(client, grace):
    assert sign_in(client, otp_token="").status_code == 200


def test_a_wrong_password_is_refused_whatever_the_code(client, grace):
    assert sign_in(client, password="wrong").status_code == 200


def test_with_two_authenticators_it_asks_which(client, grace):
    TOTPDevice.objects.create(user=grace, name="old phone", confirmed=True)

    assert b"Please select a device" in sign_in(client).content


def test_the_authenticator_of_another_is_refused(client, grace):
    other = services.create_staff(email="ada@example.org", name="Ada", password=PASSWORD)
    TOTPDevice.objects.create(user=grace, name="old phone", confirmed=True)
    theirs = TOTPDevice.objects.get(user=other).persistent_id

    assert sign_in(client, otp_device=theirs).status_code == 200
