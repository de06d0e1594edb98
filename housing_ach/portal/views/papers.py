"""Receipts, statements and permissions as PDFs: made once, and got again."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseStopPolling

from housing_ach.clock.services import now
from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Order
from housing_ach.payments.states import OrderKind
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.forms.payments import StatementForm
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.reports.models import Document
from housing_ach.reports.selectors.documents import content_of
from housing_ach.reports.services import CannotPrint, mandate_copy, tenant_statement
from housing_ach.reports.services import receipt as make_receipt
from housing_ach.reports.states import DocumentStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import Tenant

LOG = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
YEAR = timedelta(days=365)
REFUSED, UNAVAILABLE = 422, 503
WAITING = (DocumentStatus.QUEUED, DocumentStatus.RUNNING)


def _or_plainly(view: View) -> View:
    """A machine that cannot print says so, and what to do instead."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except CannotPrint:
            LOG.exception("a paper could not be made")
            told = {"tab": "payments"}
            return render(request, "portal/no_paper.html", told, status=UNAVAILABLE)

    return shown


@require_safe
@tenant_page
@_or_plainly
def receipt(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    paid = Order.objects.filter(tenant=tenant, kind__in=(OrderKind.AUTOPAY, OrderKind.ONE_TIME))
    order = get_object_or_404(paid.select_related("lease__unit__property", "tenant"), pk=pk)
    return _paper(make_receipt(order, by=person(request), at=now(), language=_language()))


@require_safe
@tenant_page
@_or_plainly
def authorization(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    mandate = get_object_or_404(Mandate, tenant=tenant, pk=pk)
    return _paper(mandate_copy(mandate, by=person(request), at=now(), language=_language()))


@require_safe
@tenant_page
@_or_plainly
def statement(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Of the days asked for; without any, of the last twelve months."""
    at = now()
    today = new_york_date(at)
    lease = chosen_lease(request, leases_of(tenant, on=today))
    asked = request.GET if "first" in request.GET else {"first": today - YEAR, "last": today}
    form = StatementForm(asked)
    if not form.is_valid():
        told = {"form": form, "lease": lease, "tab": "payments"}
        return render(request, "portal/statement.html", told, status=REFUSED)
    made = tenant_statement(
        lease, tenant, days=form.days, by=person(request), at=at, language=_language()
    )
    return _paper(made)


@require_safe
@tenant_page
def paper(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """The PDF, or how far it is; the page asks again by itself until it is there."""
    document = get_object_or_404(Document, tenant=tenant, pk=pk)
    is_part = request.headers.get("HX-Request") == "true"
    if not is_part and document.status == DocumentStatus.DONE:
        return _pdf(document)
    name = "portal/paper_progress.html" if is_part else "portal/paper.html"
    answer = render(request, name, {"document": document, "tab": "payments"})
    if is_part and document.status not in WAITING:
        return HttpResponseStopPolling(answer.content)
    return answer


def _paper(document: Document) -> HttpResponse:
    if document.status == DocumentStatus.DONE:
        return _pdf(document)
    return redirect("portal:paper", document.pk)


def _pdf(document: Document) -> HttpResponse:
    return HttpResponse(
        content_of(document),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{document.name}"'},
    )


def _language() -> str:
    return get_language() or "en"
