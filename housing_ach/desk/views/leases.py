"""Leases with their account, and the authorizations to debit for them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from housing_ach.clock.services import now, today
from housing_ach.desk.access import desk_page, person, reaches
from housing_ach.desk.forms.tenants import RevokeForm
from housing_ach.desk.history import history
from housing_ach.desk.payment_facts import listed_payments
from housing_ach.desk.refusals import SAID
from housing_ach.desk.tables_payments import OwnPaymentTable
from housing_ach.desk.tables_tenants import LedgerTable
from housing_ach.ledger.selectors import statement_of
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.selectors import upcoming_debit_days
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.selectors import Consequences, can_cancel_all, revoking
from housing_ach.payments.services import revoke_mandate
from housing_ach.reports import services
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.models import Lease
from housing_ach.tenants.selectors import rollout_of
from housing_ach.tenants.states import Role

REFUSED = 422
ENDED = (MandateStatus.REVOKED, MandateStatus.EXPIRED)
CHARGES_SHOWN = 24
NAMED = ("tenant", "bank_account", "text", "lease__unit__property")
PAID = Sum("shares__allocations__cents", filter=Q(shares__allocations__release=None), default=0)


@require_safe
@desk_page()
def lease(request: HttpRequest, pk: int) -> HttpResponseBase:
    mine = Lease.objects.visible_to(person(request)).select_related("unit__property")
    shown = get_object_or_404(mine, pk=pk)
    shares = list(shown.shares.select_related("tenant").order_by("-is_primary", "starts_on", "pk"))
    names = {share.tenant.party: share.tenant.name for share in shares}
    lines = statement_of(shown.pk)
    table = LedgerTable(lines, names=names)
    if request.GET.get("format") == "csv":
        return as_csv(request, table, f"lease-{shown.external_id}")
    charges = shown.charges.annotate(paid_cents=PAID).order_by("-due_on", "-pk")
    told = {
        "lease": shown,
        "rollout": rollout_of(shown),
        "balance_cents": lines[-1].balance_cents if lines else 0,
        "shares": shares,
        "schedules": shown.schedules.order_by("starts_on", "pk"),
        "charges": charges[:CHARGES_SHOWN],
        "mandates": _mandates(request).filter(lease=shown).order_by("-pk"),
        "payments": listed_payments(person(request))
        .filter(lease=shown)
        .order_by("-effective_on", "-pk")[:CHARGES_SHOWN],
        "table": paged(request, table),
    }
    return render(request, "desk/lease.html", told)


@require_safe
@desk_page()
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    shown, on = _of(request, pk), today()
    payments = listed_payments(person(request)).filter(mandate=shown)
    plans = shown.autopays.select_related("mandate").order_by("-pk")
    told = {
        "mandate": shown,
        "plans": [(plan, upcoming_debit_days(plan, on, 3)) for plan in plans],
        "notices": shown.notices.order_by("-debit_on", "-pk"),
        "table": paged(request, OwnPaymentTable(payments)),
        "history": history([(Mandate._meta.label_lower, shown.pk)]),
        "may_revoke": _may_act(request, shown) and shown.status not in ENDED,
    }
    return render(request, "desk/mandate.html", told)


@require_POST
@desk_page()
def mandate_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """What was signed, as a paper."""
    shown = _of(request, pk)
    try:
        made = services.mandate_copy(shown, by=person(request), at=now())
    except Refusal as problem:
        messages.error(request, str(problem))
        return redirect("desk:mandate", pk)
    return redirect(f"{reverse('desk:reports')}?made={made.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Role.FINANCE)
def mandate_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """For a tenant who took the permission back by word or letter; says first what still goes."""
    shown, at = _of(request, pk), now()
    if not _may_act(request, shown):
        raise PermissionDenied
    if shown.status in ENDED:
        messages.warning(request, _("Nothing was changed: it is not in force any more."))
        return redirect("desk:mandate", pk)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            revoked = revoke_mandate(shown, by=person(request), reason=reason, at=at)
        except Refusal as problem:
            form.add_error(None, str(SAID.get(type(problem)) or problem))
        else:
            _say(request, len(revoked.cancelled), len(revoked.under_way))
            return redirect("desk:mandate", pk)
    told = {"mandate": shown, "form": form, **_stops(revoking(shown, at=at))}
    return render(request, "desk/mandate_revoke.html", told, status=REFUSED if form.errors else 200)


def _mandates(request: HttpRequest) -> QuerySet[Mandate]:
    return Mandate.objects.visible_to(person(request)).select_related(*NAMED)


def _of(request: HttpRequest, pk: int) -> Mandate:
    return get_object_or_404(_mandates(request), pk=pk)


def _may_act(request: HttpRequest, shown: Mandate) -> bool:
    return reaches(person(request), Role.FINANCE, shown.lease.unit.property_id)


def _stops(told: Consequences) -> dict[str, Any]:
    can = can_cancel_all([*told.cancels, *told.goes])
    return {
        "cancels": [(payment, can[payment.pk]) for payment in told.cancels],
        "goes": [(payment, can[payment.pk]) for payment in told.goes],
        "leaves_out": told.leaves_out,
    }


def _say(request: HttpRequest, cancelled: int, going: int) -> None:
    messages.success(request, _("The authorization is revoked. Autopay with it has ended."))
    if cancelled:
        words = ngettext(
            "%(n)d payment is canceled with it.", "%(n)d payments are canceled with it.", cancelled
        )
        messages.info(request, words % {"n": cancelled})
    if going:
        words = ngettext(
            "%(n)d payment is with the bank already and goes on.",
            "%(n)d payments are with the bank already and go on.",
            going,
        )
        messages.warning(request, words % {"n": going})
