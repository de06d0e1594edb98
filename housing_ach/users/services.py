from django.conf import settings
from django.db import transaction
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User
from housing_ach.users.states import DEVICE, SYSTEM_EMAIL


class EmailTaken(Refusal):
    """Another user signs in with this address."""


class NoCode(Refusal):
    """No one-time code can be told."""


def system_user() -> User:
    """Who made what nobody made: the machine itself. It cannot sign in."""
    return User.objects.get(email=SYSTEM_EMAIL)


def create_staff(*, email: str, name: str, password: str) -> User:
    """A member of staff with a confirmed TOTP device, whose key reaches them by another way."""
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise EmailTaken(f"email: {email} is taken", field="email")
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name, is_staff=True)
        TOTPDevice.objects.create(user=user, name=DEVICE, confirmed=True)
    return user


def current_code(*, email: str, unix_time: float) -> str:
    """The user's code of this half-minute; sandbox only."""
    if settings.LIVE_MODE:
        raise NoCode("otp: live mode tells nobody's code", field="email")
    device = TOTPDevice.objects.filter(user__email__iexact=email, confirmed=True).first()
    if device is None:
        raise NoCode(f"otp: {email} has no authenticator", field="email")
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = unix_time
    return f"{totp.token():0{device.digits}}"
