from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_otp import devices_for_user

from housing_ach.audit.acting import acting
from housing_ach.clock.services import wall_time
from housing_ach.users.requests import is_verified

READING = frozenset({"GET", "HEAD", "OPTIONS"})
IDLE = timedelta(minutes=15)
# So often at most is it written down that somebody is at work.
STEP = timedelta(minutes=1)
MOST = timedelta(hours=8)
OPEN = ("/account/", "/language/", "/healthz", "/readyz")
PROGRAMS = "/api/v1/"
BEGAN, SEEN = "session_began_at", "session_seen_at"

Answer = Callable[[HttpRequest], HttpResponse]


class ActingMiddleware:
    """Whatever a request writes is its user's doing.

    A visitor who only reads costs no question to the database: health checks need none. Who is behind
    a program's request the API finds out, and tells.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            actor = f"user:{request.user.pk}"
        elif request.method in READING or request.path.startswith(PROGRAMS):
            return self.get_response(request)
        else:
            actor = "visitor"
        with acting(actor, request_id=getattr(request, "request_id", "")):
            return self.get_response(request)


class StaffSessionMiddleware:
    """A member of staff is signed out after a quarter of an hour at rest, and after eight hours at work.

    Without a second factor shown, nothing but the way to show or set one up is open.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/static/") and getattr(request.user, "is_staff", False):
            if self._is_over(request):
                logout(request)
                messages.info(
                    request, _("You were signed out to keep the books safe. Sign in to go on.")
                )
                return sign_in(request)
            if not is_verified(request) and not request.path.startswith(OPEN):
                return self._ask_for_second_factor(request)
        return self.get_response(request)

    def _ask_for_second_factor(self, request: HttpRequest) -> HttpResponse:
        if any(devices_for_user(request.user)):
            logout(request)
            return sign_in(request)
        return to(request, reverse("two_factor:setup"))

    def _is_over(self, request: HttpRequest) -> bool:
        now = wall_time().timestamp()
        began, seen = (request.session.setdefault(name, now) for name in (BEGAN, SEEN))
        over: bool = now - seen >= IDLE.total_seconds() or now - began >= MOST.total_seconds()
        # A page that asks by itself every two seconds is nobody at work.
        if now - seen >= STEP.total_seconds() and "X-Poll" not in request.headers:
            request.session[SEEN] = now
        return over


class SignInMiddleware(LoginRequiredMiddleware):
    """Every view asks who is there; a part of a page sends the whole page to sign-in."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        return sign_in(request)


def sign_in(request: HttpRequest, back: str = "") -> HttpResponse:
    """To the sign-in, and back to the page afterwards: what was sent is not sent again by itself."""
    return to(
        request, f"{reverse('two_factor:login')}?{urlencode({'next': back or _page(request)})}"
    )


def _page(request: HttpRequest) -> str:
    """The page a person sees: what was asked for may be a part of it, or the target of its form."""
    if _is_part(request):
        return _path(request.headers.get("HX-Current-URL", ""), request)
    if request.method not in READING:
        return _path(request.headers.get("Referer", ""), request)
    return request.get_full_path()


def _path(url: str, request: HttpRequest) -> str:
    shown = urlsplit(url)
    if shown.netloc != request.get_host():
        return "/"
    return f"{shown.path}?{shown.query}" if shown.query else shown.path


def to(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if _is_part(request) else redirect(url)


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
