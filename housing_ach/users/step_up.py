"""A fresh second factor for what moves money or opens a way to it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate, update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.clock.services import wall_time
from housing_ach.users.models import User

FRESH = timedelta(minutes=5)
SHOWN = "stepped_up_at"


def is_fresh(request: HttpRequest) -> bool:
    shown = request.session.get(SHOWN, 0)
    return bool(wall_time().timestamp() - shown < FRESH.total_seconds())


def stamp(request: HttpRequest) -> None:
    request.session[SHOWN] = wall_time().timestamp()


class StepUpForm(forms.Form):
    """Asks for a code, or the password of whoever has no second factor, unless one was shown just now.

    What is typed is never kept, and a used code is worth nothing a second time.
    """

    code = forms.CharField(
        label=_("Code from your authenticator"),
        help_text=_("Six digits, or one of your recovery codes."),
        max_length=16,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "data-secret": ""}
        ),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(request.user, User)  # noqa: S101 - every view asks who is there
        self.request, self.user = request, request.user
        has_device = bool(_typed_in(self.user))
        for name, asked in (("code", has_device), ("password", not has_device)):
            if is_fresh(request) or not asked:
                del self.fields[name]

    def clean_code(self) -> str:
        """Each device slows down whoever guesses."""
        token: str = self.cleaned_data["code"].strip()
        with transaction.atomic():
            right = any(
                device.verify_token(token) for device in _typed_in(self.user, for_verify=True)
            )
        if not right:
            raise forms.ValidationError(
                _(
                    "That code is not right, or was used already. Wait for the next one and try again."
                )
            )
        return token

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        known = authenticate(self.request, username=self.user.email, password=password)
        if not isinstance(known, User) or known != self.user:
            raise forms.ValidationError(_("That is not your password."))
        if known.password != self.user.password:
            # It was hashed anew, as is the custom now; the session goes by the hash.
            update_session_auth_hash(self.request, known)
        return password

    def clean(self) -> dict[str, Any] | None:
        """What was right counts, whatever else is to be put right: no code is asked for twice."""
        cleaned = super().clean()
        if {"code", "password"} & self.cleaned_data.keys():
            stamp(self.request)
        return cleaned


def _typed_in(user: User, *, for_verify: bool = False) -> list[Device]:
    """Devices whose code a person types: a security key has none."""
    devices = devices_for_user(user, for_verify=for_verify)
    return [device for device in devices if isinstance(device, TOTPDevice | StaticDevice)]
