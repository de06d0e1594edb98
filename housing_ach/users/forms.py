from django.contrib.auth.models import AbstractBaseUser
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm
from django_otp.models import Device


class SignInForm(OTPAdminAuthenticationForm):  # type: ignore[misc]  # untyped package
    """Name, password and code in one step: whoever has one authenticator is not asked which."""

    def _chosen_device(self, user: AbstractBaseUser) -> Device | None:
        chosen: Device | None = super()._chosen_device(user)
        own = [] if chosen else list(devices_for_user(user))
        return own[0] if len(own) == 1 else chosen
