"""The account of the person: who they are to us, and how they are told things."""

from typing import Any

from django import conf
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_otp import user_has_device

from housing_ach.mandates.models import Mandate
from housing_ach.notices.selectors import preference_of
from housing_ach.notices.services import set_preferences
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.forms.preferences import ALWAYS, PreferencesForm
from housing_ach.reports.selectors import documents
from housing_ach.reports.states import DocumentStatus
from housing_ach.tenants.models import Tenant

REFUSED = 422
LATEST = 10
YEAR = 365 * 24 * 60 * 60


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def settings(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The language is that of the messages, and in this browser that of the pages."""
    first = PreferencesForm.first(preference_of(tenant))
    form = PreferencesForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        set_preferences(tenant, muted=form.muted, language=language)
        with translation.override(language):
            messages.success(request, _("Saved."))
        return _speaking(language, redirect("portal:settings"))
    told = _told(request, tenant) | {"form": form, "always": ALWAYS}
    return render(request, "portal/settings.html", told, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def password(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Every other browser is signed out by it."""
    form = PasswordChangeForm(person(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("Your password is changed. Other devices are signed out."))
        return redirect("portal:settings")
    told = {"form": form, "tab": "account"}
    return render(request, "portal/password.html", told, status=REFUSED if form.errors else 200)


def _speaking(language: str, answer: HttpResponse) -> HttpResponse:
    answer.set_cookie(
        conf.settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        httponly=conf.settings.LANGUAGE_COOKIE_HTTPONLY,
        secure=conf.settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return answer


def _told(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    user = person(request)
    mandates = Mandate.objects.filter(tenant=tenant).select_related("bank_account")
    papers = documents(user).filter(tenant=tenant, status=DocumentStatus.DONE)
    return {
        "tenant": tenant,
        "has_second_factor": user_has_device(user),
        "mandates": mandates.order_by("-pk"),
        "papers": papers[:LATEST],
        "tab": "account",
    }
