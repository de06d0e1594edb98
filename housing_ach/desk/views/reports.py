"""Papers and figures to take away: asked for here, made once, kept."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from housing_ach.clock.services import now, today
from housing_ach.desk.access import desk_page, person
from housing_ach.desk.forms.reports import BatchForm, DayForm, ReturnsForm, StatementForm
from housing_ach.desk.tables_reports import DocumentTable, FundTable, ReturnTable
from housing_ach.reports import services
from housing_ach.reports.models import Document
from housing_ach.reports.selectors import content_of, documents, funds_on
from housing_ach.reports.states import DocumentStatus
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.business_days import previous_banking_day
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.models import sees_everything

REFUSED = 422
YEAR, RATE_DAYS = timedelta(days=365), timedelta(days=60)
WAITING = (DocumentStatus.QUEUED, DocumentStatus.RUNNING)


@require_safe
@desk_page()
def reports(request: HttpRequest) -> HttpResponseBase:
    """`?made=` shows how far the one that was just asked for is."""
    rows = documents(person(request))
    if request.GET.get("format") == "csv":
        return as_csv(request, DocumentTable(rows), "reports")
    made = request.GET.get("made", "")
    return _page(request, made=rows.filter(pk=made).first() if made.isdecimal() else None)


@require_POST
@desk_page()
def day_end(request: HttpRequest) -> HttpResponseBase:
    """As a paper, or only the funds' figures as CSV."""
    _require_everything(request)
    form = DayForm(request.POST, today=today())
    if not form.is_valid():
        return _page(request, day=form)
    on = form.cleaned_data["on"]
    if "csv" in request.POST:
        return as_csv(request, FundTable(funds_on(on)), f"day-end-{on}")
    return _made(services.day_end_report(on, by=person(request), at=now()))


@require_POST
@desk_page()
def batch_report(request: HttpRequest) -> HttpResponse:
    _require_everything(request)
    form = BatchForm(request.POST, user=person(request))
    if not form.is_valid():
        return _page(request, batch=form)
    batch = form.cleaned_data["number"]
    return _made(services.batch_report(batch, by=person(request), at=now()))


@require_POST
@desk_page()
def statement(request: HttpRequest) -> HttpResponse:
    form = StatementForm(request.POST, user=person(request))
    if not form.is_valid():
        return _page(request, statement=form)
    typed = form.cleaned_data
    tenant, lease = typed["tenant"]
    days = typed["first"], typed["last"]
    try:
        made = services.tenant_statement(lease, tenant, days=days, by=person(request), at=now())
    except Refusal as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return _page(request, statement=form)
    return _made(made)


@require_POST
@desk_page()
def returns_csv(request: HttpRequest) -> HttpResponseBase:
    form = ReturnsForm(request.POST)
    if not form.is_valid():
        return _page(request, returns=form)
    days = form.cleaned_data["first"], form.cleaned_data["last"]
    rows = (
        Return.objects.visible_to(person(request))
        .filter(kind=ReturnKind.RETURN, banking_on__range=days)
        .select_related("entry__payment__tenant", "entry__payment__lease__unit__property")
    )
    return as_csv(request, ReturnTable(rows), f"returns-{days[0]}-{days[1]}")


@require_safe
@desk_page()
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF, or how far it is: the page asks again by itself until it is there."""
    found = get_object_or_404(documents(person(request)), pk=pk)
    if request.headers.get("HX-Request"):
        answer = render(request, "desk/document.html", {"made": found})
        return answer if found.status in WAITING else HttpResponseStopPolling(answer.content)
    if found.status != DocumentStatus.DONE:
        return redirect(_progress(found))
    return HttpResponse(
        content_of(found),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{found.name}"'},
    )


def _require_everything(request: HttpRequest) -> None:
    """What sums up all properties is for those who see all of them."""
    if not sees_everything(person(request)):
        raise PermissionDenied


def _made(found: Document) -> HttpResponse:
    return redirect(_progress(found))


def _progress(found: Document) -> str:
    return f"{reverse('desk:reports')}?made={found.pk}"


def _page(
    request: HttpRequest, *, made: Document | None = None, **refused: forms.Form
) -> HttpResponse:
    user, on = person(request), today()
    year = {"first": on - YEAR, "last": on}
    told: dict[str, Any] = {
        "table": paged(request, DocumentTable(documents(user))),
        "made": made,
        "whole": sees_everything(user),
        "day": DayForm(today=on, initial={"on": previous_banking_day(on)}),
        "batch": BatchForm(user=user),
        "statement": StatementForm(user=user, initial=year),
        "returns": ReturnsForm(initial={"first": on - RATE_DAYS, "last": on}),
        **refused,
    }
    return render(request, "desk/reports.html", told, status=REFUSED if refused else 200)
