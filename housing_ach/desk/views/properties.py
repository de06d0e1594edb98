"""How far each property has come, and what is in force there."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from housing_ach.clock.services import now
from housing_ach.desk.access import desk_page, person
from housing_ach.desk.forms.properties import SHOWN_AT, PilotForm, PolicyForm, RolloutForm
from housing_ach.desk.history import history
from housing_ach.desk.tables_properties import PropertyTable, ShadowTable
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.models import Lease, Membership, Policy, Property, Unit
from housing_ach.tenants.readiness import readiness
from housing_ach.tenants.selectors import effective_policy
from housing_ach.tenants.services import (
    NotReady,
    end_pilot,
    name_pilot,
    set_policy,
    set_rollout,
)
from housing_ach.tenants.states import Role, Rollout

REFUSED = 422
# What was left out comes last in a table of them by reason; more is for the database.
LINES = 500


@require_safe
@desk_page()
def properties(request: HttpRequest) -> HttpResponseBase:
    mine = Property.objects.visible_to(person(request))
    table = PropertyTable(mine.annotate(unit_count=_units()))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "properties")
    return render(request, "desk/properties.html", {"table": paged(request, table)})


def _units() -> Coalesce:
    """Counted for the properties of the page alone."""
    own = Unit.objects.filter(property=OuterRef("pk")).order_by().values("property")
    return Coalesce(Subquery(own.values(count=Count("*"))), 0)


@require_safe
@desk_page()
def property_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`?run=` shows the lines of one day in the shadow."""
    return _shown(request, _of(request, pk))


@require_POST
@desk_page(Role.ADMIN)
def rollout(request: HttpRequest, pk: int) -> HttpResponse:
    home = _of(request, pk)
    form = RolloutForm(request.POST)
    if form.is_valid():
        mode, why = Rollout(form.cleaned_data["rollout"]), form.cleaned_data["override"]
        try:
            set_rollout(home, mode, by=person(request), at=now(), override=why)
        except NotReady as problem:
            names = ", ".join(check.name for check in problem.failed)
            form.add_error("override", _("Not ready: %(names)s.") % {"names": names})
        except Refusal as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The property is now in this mode: %s.") % mode.label)
            return redirect("desk:property", home.pk)
    return _shown(request, home, rollout=form)


@require_POST
@desk_page(Role.ADMIN)
def pilot(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a lease for the pilot, or take it out again."""
    home = _of(request, pk)
    form = PilotForm(request.POST, property=home)
    if form.is_valid():
        lease: Lease = form.cleaned_data["lease"]
        try:
            if "end" in request.POST:
                end_pilot(lease, by=person(request))
            else:
                name_pilot(lease, by=person(request), at=now())
        except Refusal as problem:
            form.add_error("lease", str(problem))
        else:
            return redirect("desk:property", home.pk)
    return _shown(request, home, pilot=form)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page()
def policy(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Of the organisation, or of one property: everybody reads it, an administrator sets it."""
    home = _of(request, pk) if pk else None
    if request.method == "POST":
        return _set_policy(request, home)
    return _policy_page(request, home, PolicyForm(initial=_said(home)))


@desk_page(Role.ADMIN)
def _set_policy(request: HttpRequest, home: Property | None) -> HttpResponse:
    form = PolicyForm(request.POST)
    if form.is_valid():
        try:
            set_policy(by=person(request), at=now(), property=home, **form.terms())
        except Refusal as problem:
            field = SHOWN_AT.get(problem.field, problem.field)
            form.add_error(field if field in form.fields else None, str(problem))
        else:
            messages.success(request, _("The policy is in force from now on."))
            return redirect("desk:property-policy", home.pk) if home else redirect("desk:policy")
    return _policy_page(request, home, form)


def _of(request: HttpRequest, pk: int) -> Property:
    return get_object_or_404(Property.objects.visible_to(person(request)), pk=pk)


def _shown(request: HttpRequest, home: Property, **forms: Any) -> HttpResponse:
    on, run = new_york_date(now()), request.GET.get("run", "")
    people = Membership.objects.exclude(role=Role.TENANT).filter(property=home)
    runs = home.shadow_runs.select_related("profile")
    told = {
        "property": home,
        "checks": readiness(home, on=on),
        "rollout": RolloutForm(initial={"rollout": home.rollout}),
        "pilot": PilotForm(property=home),
        "pilots": Lease.objects.filter(unit__property=home, pilot__isnull=False)
        .select_related("unit__property")
        .order_by("pk"),
        "table": paged(request, ShadowTable(runs)),
        "run": runs.filter(pk=run).first() if run.isdecimal() else None,
        "people": people.select_related("user").order_by("role", "user__name", "pk"),
        "history": history([(Property._meta.label_lower, home.pk)]),
        "may_act": Role.ADMIN in request.roles,  # type: ignore[attr-defined]
        **forms,
    }
    if shown := told["run"]:
        told["lines"] = shown.lines.select_related("lease__unit__property", "tenant").order_by(
            "reason", "pk"
        )[:LINES]
    return render(request, "desk/property.html", told, status=REFUSED if forms else 200)


def _policy_page(request: HttpRequest, home: Property | None, form: PolicyForm) -> HttpResponse:
    told = {
        "property": home,
        "policy": effective_policy(property=home) if home else effective_policy(),
        "form": form,
        "may_act": Role.ADMIN in request.roles,  # type: ignore[attr-defined]
    }
    return render(request, "desk/policy.html", told, status=REFUSED if form.errors else 200)


def _said(home: Property | None) -> dict[str, Any]:
    """What this level says itself."""
    row = Policy.objects.filter(property=home).first()
    if row is None:
        return {}
    return {
        "partial": row.partial,
        "partial_dollars": None if row.partial_cents is None else row.partial_cents / 100,
        "partial_percent": None if row.partial_bps is None else row.partial_bps / 100,
        "verification": row.verification or [],
        "roll": row.roll,
        "reminder_days": ", ".join(map(str, row.reminder_days or [])),
        "nsf_fee_dollars": None if row.nsf_fee_cents is None else row.nsf_fee_cents / 100,
    }
