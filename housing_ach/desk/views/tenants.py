"""The tenants of the properties a member of staff works for."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST, require_safe

from housing_ach.clock.services import now, today
from housing_ach.desk.access import desk_page, person, reaches_any
from housing_ach.desk.forms.tenants import StatementForm, TenantFilter
from housing_ach.desk.payment_facts import listed_payments
from housing_ach.desk.tables_payments import OwnPaymentTable
from housing_ach.desk.tables_tenants import TenantTable, portal_words
from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.notices.services import NoAddress, SignedUp, invite
from housing_ach.reports import services
from housing_ach.reports.selectors import statement
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.models import Lease, LeaseShare, Property, Tenant
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from housing_ach.users.services import EmailTaken

REFUSED = 422
YEAR = timedelta(days=365)
REFUSALS: dict[type[Refusal], Promise] = {
    NoAddress: later("There is no e-mail address to write to. An administrator can add one."),
    EmailTaken: later("Somebody else signs in with this e-mail address already."),
    SignedUp: later("The tenant signed up already. A new password is asked for when signing in."),
}


@require_safe
@desk_page()
def tenants(request: HttpRequest) -> HttpResponseBase:
    filters = TenantFilter(request.GET, user=person(request))
    table = TenantTable(filters.of(_listed(person(request))))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "tenants")
    told = {"table": paged(request, table), "filters": filters}
    return render(request, "desk/tenants.html", told)


@require_safe
@desk_page()
def tenant(request: HttpRequest, pk: int) -> HttpResponse:
    """`?lease=&first=&last=` are of the statement."""
    shown = _of(request, pk)
    leases = _leases(request, shown)
    data = request.GET if "lease" in request.GET else _last_year(leases)
    return _shown(request, shown, leases, StatementForm(data, leases=leases))


@require_POST
@desk_page(Role.FINANCE, Role.ADMIN)
def invite_tenant(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _of(request, pk)
    if not _may_invite(request, shown):
        raise PermissionDenied
    try:
        message = invite(shown, at=now())
    except Refusal as problem:
        leases = _leases(request, shown)
        form = StatementForm(_last_year(leases), leases=leases)
        said = str(REFUSALS.get(type(problem)) or problem)
        return _shown(request, shown, leases, form, problem=said)
    words = _("The invitation goes to %(address)s.") % {"address": message.recipient}
    messages.success(request, words)
    return redirect("desk:tenant", pk)


@require_POST
@desk_page()
def tenant_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement as a paper."""
    shown = _of(request, pk)
    leases = _leases(request, shown)
    form = StatementForm(request.POST, leases=leases)
    if not form.is_valid():
        return _shown(request, shown, leases, form)
    typed = form.cleaned_data
    days = typed["first"], typed["last"]
    try:
        made = services.tenant_statement(
            typed["lease"], shown, days=days, by=person(request), at=now()
        )
    except Refusal as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return _shown(request, shown, leases, form)
    return redirect(f"{reverse('desk:reports')}?made={made.pk}")


def _listed(user: User) -> QuerySet[Tenant]:
    """With the home and the autopay the user may see."""
    shares = LeaseShare.objects.visible_to(user).filter(tenant=OuterRef("pk"))
    place = Concat("lease__unit__property__name", Value(" · "), "lease__unit__name")
    home = shares.order_by("-starts_on", "-pk").values_list(place)[:1]
    plans = Autopay.objects.visible_to(user).filter(tenant=OuterRef("pk"), ends_on=None)
    rows = Tenant.objects.visible_to(user).select_related("user")
    return rows.annotate(home=Subquery(home, output_field=CharField()), has_autopay=Exists(plans))


def _of(request: HttpRequest, pk: int) -> Tenant:
    return get_object_or_404(
        Tenant.objects.visible_to(person(request)).select_related("user"), pk=pk
    )


def _leases(request: HttpRequest, shown: Tenant) -> QuerySet[Lease]:
    rows = Lease.objects.visible_to(person(request)).filter(shares__tenant=shown).distinct()
    return rows.select_related("unit__property").order_by("-starts_on", "-pk")


def _may_invite(request: HttpRequest, shown: Tenant) -> bool:
    homes = Property.objects.filter(units__leases__shares__tenant=shown)
    roles = (Role.FINANCE, Role.ADMIN)
    return any(reaches_any(person(request), role, homes) for role in roles)


def _last_year(leases: QuerySet[Lease]) -> dict[str, Any]:
    on, newest = today(), leases.first()
    return {"lease": newest.pk if newest else None, "first": on - YEAR, "last": on}


def _shown(
    request: HttpRequest,
    shown: Tenant,
    leases: QuerySet[Lease],
    form: StatementForm,
    *,
    problem: str = "",
) -> HttpResponse:
    user, on = person(request), today()
    plans = Autopay.objects.visible_to(user).filter(tenant=shown, ends_on=None)
    shares = LeaseShare.objects.filter(lease__in=leases, tenant=shown)
    told: dict[str, Any] = {
        "tenant": shown,
        "portal": portal_words(shown),
        "may_invite": _may_invite(request, shown),
        "shares": shares.select_related("lease__unit__property").order_by("-starts_on", "-pk"),
        "accounts": BankAccount.objects.visible_to(user).filter(tenant=shown).order_by("-pk"),
        "mandates": _mandates(user, shown),
        "plans": [
            (plan, upcoming_debit_days(plan, on, 1))
            for plan in plans.select_related("mandate__bank_account").order_by("pk")
        ],
        "table": paged(request, OwnPaymentTable(listed_payments(user).filter(tenant=shown))),
        "form": form,
        "problem": problem,
    }
    if leases and form.is_valid():
        typed = form.cleaned_data
        told["statement"] = statement(typed["lease"], shown, typed["first"], typed["last"])
    status = REFUSED if problem or (leases and form.errors) else 200
    return render(request, "desk/tenant.html", told, status=status)


def _mandates(user: User, shown: Tenant) -> QuerySet[Mandate]:
    rows = Mandate.objects.visible_to(user).filter(tenant=shown)
    return rows.select_related("bank_account", "lease__unit__property").order_by("-pk")
