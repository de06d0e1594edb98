"""Signing in, out and up, and how the pages look: the same for tenants and staff."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import (
    LogoutView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from housing_ach.portal.forms.password import ForgottenPasswordForm
from housing_ach.shared.page_context import THEMES

YEAR = 365 * 24 * 60 * 60


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark for this browser: a cookie, so that no page flashes in the other."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        back, request.get_host(), require_https=request.is_secure()
    )
    answer = redirect(back if safe else "/")
    if request.POST.get("theme") in THEMES:
        answer.set_cookie(
            "theme",
            request.POST["theme"],
            max_age=YEAR,
            httponly=True,
            secure=not settings.INSECURE_HTTP,
            samesite="Lax",
        )
    return answer


class SignOut(LogoutView):
    http_method_names = ["post", "options"]


@method_decorator(login_not_required, name="dispatch")
class ForgottenPassword(PasswordResetView):
    """Says the same whether the address is known or not."""

    template_name = "account/password_forgotten.html"
    email_template_name = "account/password_mail.txt"
    subject_template_name = "account/password_subject.txt"
    success_url = reverse_lazy("account:password-sent")
    form_class = ForgottenPasswordForm


@method_decorator(login_not_required, name="dispatch")
class ForgottenPasswordSent(PasswordResetDoneView):
    template_name = "account/password_sent.html"


@method_decorator(login_not_required, name="dispatch")
class NewPassword(PasswordResetConfirmView):
    """A link works once, and for three days."""

    template_name = "account/password_new.html"
    success_url = reverse_lazy("two_factor:login")
    invited = False

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, invited=self.invited)


class Invitation(NewPassword):
    """The first password of somebody whose e-mail address we know from the lease."""

    invited = True
