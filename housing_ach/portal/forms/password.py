from typing import Any

from django.contrib.auth.forms import PasswordResetForm

from housing_ach.audit.move import record


class ForgottenPasswordForm(PasswordResetForm):
    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """The mail holds a key, so that only its sending is kept."""
        context = args[2] if len(args) > 2 else kwargs["context"]
        record("user.password_mailed", context["user"])
        super().send_mail(*args, **kwargs)
