"""What was paid, what is on its way, and what came back."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from housing_ach.clock.services import now
from housing_ach.payments.models import Order
from housing_ach.payments.selectors import history
from housing_ach.payments.states import OrderKind, PaymentStatus
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.forms.payments import HistoryForm, StatementForm
from housing_ach.portal.leases import leases_of
from housing_ach.portal.selectors import figures_of, stories_of
from housing_ach.portal.services import cancel_order
from housing_ach.portal.tables import PaymentTable
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.tables import paged
from housing_ach.tenants.models import Tenant

YEAR = timedelta(days=365)
REFUSED = 422
SHOWN = (OrderKind.AUTOPAY, OrderKind.ONE_TIME)


@require_safe
@tenant_page
def payments(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    on = new_york_date(now())
    mine = history(tenant=tenant)
    leases = leases_of(tenant, on=on)
    years = mine.order_by().dates("effective_on", "year", order="DESC")
    filters = HistoryForm(request.GET, years=[day.year for day in years])
    told = {
        "table": paged(request, PaymentTable(filters.of(mine))),
        "filters": filters,
        "figures": figures_of(tenant, leases, mine, on=on),
        "leases": leases,
        "today": on,
        "statement": StatementForm(initial={"first": on - YEAR, "last": on}),
        "tab": "payments",
    }
    return render(request, "portal/payments.html", told)


@require_safe
@tenant_page
def payment(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    return _payment(request, _order(tenant, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def cancel_payment(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """All that can still be stopped of it. Only asked for, after a sign-in, it is the payment's page."""
    order = _order(tenant, pk)
    if request.method != "POST":
        return redirect("portal:payment", order.pk)
    stopped, going = cancel_order(order, by=person(request), at=now())
    if not stopped:
        return _payment(request, order, too_late=True)
    messages.success(request, _("Canceled. No money leaves your account."))
    if going:
        messages.warning(request, _("A part of it was with the bank already and goes on."))
    return redirect("portal:payment", order.pk)


def _payment(request: HttpRequest, order: Order, *, too_late: bool = False) -> HttpResponse:
    stories = stories_of(order)
    told = {
        "order": order,
        "stories": stories,
        "can_cancel": any(story.can.ok for story in stories),
        "is_back": any(story.look == PaymentStatus.RETURNED for story in stories),
        "too_late": too_late,
        "tab": "payments",
    }
    return render(request, "portal/payment.html", told, status=REFUSED if too_late else 200)


def _order(tenant: Tenant, pk: int) -> Order:
    """Of the tenant himself: neither a roommate's nor what only verifies an account."""
    mine = Order.objects.filter(tenant=tenant, kind__in=SHOWN)
    return get_object_or_404(mine.select_related("lease__unit__property", "autopay"), pk=pk)
