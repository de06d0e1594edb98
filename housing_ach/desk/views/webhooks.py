"""The addresses that are told what happens, and what came of it."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from housing_ach.audit.move import IllegalMove, StaleState
from housing_ach.clock.services import now, today, wall_time
from housing_ach.desk.access import desk_page
from housing_ach.desk.certificate_ends import ending_lines
from housing_ach.desk.forms.clients import said
from housing_ach.desk.forms.webhooks import (
    FAILED,
    FAMILIES,
    EndpointFilter,
    EndpointForm,
    ReplayForm,
    RotateForm,
    kinds_of,
)
from housing_ach.desk.history import history
from housing_ach.desk.tables_webhooks import EndpointTable, endpoint_badge
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role
from housing_ach.webhooks import services
from housing_ach.webhooks.models import BATCH, Attempt, Delivery, Endpoint
from housing_ach.webhooks.selectors import (
    MOST,
    attempts_of,
    deliveries_between,
    listed_endpoints,
    redacted,
)
from housing_ach.webhooks.services.callbacks import set_callback
from housing_ach.webhooks.states import EndpointStatus

REFUSED = 422
ENDPOINT = Endpoint._meta.label_lower
LOOK = desk_page(Role.FINANCE, Role.AUDITOR, Role.ADMIN, whole=True)
SET_UP = desk_page(Role.ADMIN, whole=True)
# To send again, and to see whether it arrives, changes nothing that is told.
SEND = desk_page(Role.ADMIN, Role.FINANCE, whole=True)
MOVES: dict[str, Callable[[Endpoint], None]] = {
    "pause": services.pause_endpoint,
    "resume": services.resume_endpoint,
    "disable": services.disable_endpoint,
}


@require_safe
@LOOK
def endpoints(request: HttpRequest) -> HttpResponseBase:
    filters = EndpointFilter(request.GET)
    table = EndpointTable(filters.of(listed_endpoints()))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "webhook-endpoints")
    told = {"table": paged(request, table), "filters": filters, "may_set_up": _is_admin(request)}
    return render(request, "desk/endpoints.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@SET_UP
def endpoint_new(request: HttpRequest) -> HttpResponse:
    """The secret is on the page that answers, and nowhere else."""
    form = EndpointForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = _add(form.cleaned_data)
        except Refusal as problem:
            form.add_error(problem.field if problem.field in form.fields else None, said(problem))
        else:
            return _told_once(request, made, secret)
    status = REFUSED if form.errors else 200
    return render(request, "desk/endpoint_new.html", {"form": form}, status=status)


@require_safe
@LOOK
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _of(pk))


@require_POST
@SET_UP
def endpoint_act(request: HttpRequest, pk: int) -> HttpResponse:
    """`do`: pause, resume or disable."""
    found = _of(pk)
    act = MOVES.get(request.POST.get("do", ""))
    if act:
        try:
            act(found)
        except (IllegalMove, StaleState):
            problem = _("Somebody was faster. This is how it stands now.")
            return _page(request, _of(pk), problem=problem)
    return redirect("desk:endpoint", pk)


@require_POST
@never_cache
@SET_UP
def endpoint_secret(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _of(pk), RotateForm(request.POST, request=request)
    if not form.is_valid():
        return _page(request, found, rotate=form)
    if form.cleaned_data["seen"] != _newest_secret(found):
        return _page(request, found, problem=_("The secret was changed meanwhile."))
    secret = services.rotate_secret(found, at=now())
    return _told_once(request, found, secret, is_new=False)


@require_POST
@SEND
def endpoint_ping(request: HttpRequest, pk: int) -> HttpResponse:
    found = _of(pk)
    if found.status == EndpointStatus.DISABLED:
        return _page(request, found, problem=_("It is disabled. Resume it first."))
    services.ping(found, at=now())
    messages.success(request, _("The ping is on its way. Its answer is below in a moment."))
    return redirect("desk:endpoint", pk)


@require_POST
@SEND
def endpoint_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """One message (`delivery`), or those of some days."""
    found, one = _of(pk), request.POST.get("delivery", "")
    if found.status == EndpointStatus.DISABLED:
        return _page(request, found, problem=_("It is disabled. Resume it first."))
    rows: QuerySet[Delivery] = found.deliveries.filter(pk=int(one) if one.isdecimal() else 0)
    if not one:
        form = ReplayForm(request.POST)
        if not form.is_valid():
            return _page(request, found, replay=form)
        typed = form.cleaned_data
        failed_only = typed["which"] == FAILED
        rows = deliveries_between(found, typed["first"], typed["last"], failed_only=failed_only)
    count = services.replay(rows, at=now())
    many = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", count)
    messages.success(request, many % {"n": count})
    return redirect("desk:endpoint", pk)


def _add(typed: dict[str, Any]) -> tuple[Endpoint, str]:
    """An address that names a batch is the client's callback."""
    place: dict[str, Any] = {"client": typed["client"], "url": typed["url"], "at": now()}
    if BATCH in typed["url"]:
        return set_callback(**place)
    return services.add_endpoint(
        **place, kinds=kinds_of(typed["families"]), description=typed["description"]
    )


def _of(pk: int) -> Endpoint:
    return get_object_or_404(listed_endpoints(), pk=pk)


def _is_admin(request: HttpRequest) -> bool:
    return Role.ADMIN in request.roles_of_all  # type: ignore[attr-defined]


def _newest_secret(found: Endpoint) -> int | None:
    return found.secrets.order_by("-pk").values_list("pk", flat=True).first()


def _families(found: Endpoint) -> list[str]:
    if found.is_callback:
        return [_("Returns and rejections of its own batches")]
    held = {kind.partition(".")[0] for kind in found.kinds}
    return [str(words) for family, words in FAMILIES.items() if family in held]


def _told_once(
    request: HttpRequest, found: Endpoint, secret: str, *, is_new: bool = True
) -> HttpResponse:
    told = {"endpoint": found, "secret": secret, "is_new": is_new, "overlap": _overlap()}
    return render(request, "desk/endpoint_secret.html", told)


def _overlap() -> int:
    return int(services.OVERLAP.total_seconds() // 3600)


def _attempt(row: Attempt) -> dict[str, Any]:
    return {
        "row": row,
        "delivery": row.delivery,
        "is_taken": row.answered is not None and 200 <= row.answered < 300,
        "sent": [(name, redacted(value)) for name, value in row.sent.items()],
        "got": [(name, redacted(value)) for name, value in row.got.items()],
        "body": redacted(row.body),
        "told": json.dumps(json.loads(row.delivery.body), indent=2),
    }


def _page(
    request: HttpRequest, found: Endpoint, *, problem: str = "", **forms: Any
) -> HttpResponse:
    on, roles = today(), request.roles_of_all  # type: ignore[attr-defined]
    seen = {"seen": _newest_secret(found)}
    told = {
        "endpoint": found,
        "badge": endpoint_badge(found),
        "line": ending_lines(found, at=wall_time()),
        "families": _families(found),
        "attempts": [_attempt(row) for row in attempts_of(found)],
        "most": MOST,
        "waiting": found.deliveries.pending().count(),
        "overlap": _overlap(),
        "problem": problem,
        "may_set_up": _is_admin(request),
        "may_send": bool({Role.ADMIN, Role.FINANCE} & roles)
        and found.status != EndpointStatus.DISABLED,
        "rotate": RotateForm(request=request, initial=seen),
        "replay": ReplayForm(initial={"first": on, "last": on}),
        "history": history([(ENDPOINT, found.pk)]),
        **forms,
    }
    return render(request, "desk/endpoint.html", told, status=REFUSED if problem or forms else 200)
