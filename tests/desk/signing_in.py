"""A browser in which a member of staff has shown the second factor."""

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.users.models import User


def verified(user: User, *, second_factor: bool = True) -> Client:
    client = Client()
    client.force_login(user)
    if not second_factor:
        return client
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="default", confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client
