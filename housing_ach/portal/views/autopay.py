"""Autopay in force: what comes, and what its payer decides. Each decision tells what it stops first."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from housing_ach.clock.services import now
from housing_ach.mandates.models import Autopay, Mandate
from housing_ach.mandates.services import BadPlan, NothingToResume, resume_autopay
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.selectors import (
    Consequences,
    can_cancel_all,
    changing,
    next_payment,
    pausing,
    revoking,
    skipping,
)
from housing_ach.payments.services import TooLate, pause_debits, revoke_mandate
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.drafts import Drafts, drafted
from housing_ach.portal.forms.autopay import PauseForm, SkipForm
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.portal.plans import AlreadySkipped, skip_shown
from housing_ach.portal.selectors.plan import (
    paused_until,
    permissions_of,
    plan_of,
    planned_days,
)
from housing_ach.reports.templatetags.papers import day
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.selectors import rollout_of
from housing_ach.tenants.states import Rollout

REFUSED = 422
PAUSE = timedelta(days=35)
BY_PAYER = "revoked by the payer"
GET_AND_POST = ["GET", "HEAD", "POST"]


@require_safe
@tenant_page
def autopay(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    at = now()
    leases = leases_of(tenant, on=new_york_date(at))
    lease = chosen_lease(request, leases)
    plan = plan_of(tenant, lease)
    told: dict[str, Any] = {
        "lease": lease,
        "leases": leases,
        "plan": plan,
        "is_live": rollout_of(lease) == Rollout.LIVE,
        "permissions": permissions_of(tenant, lease),
        "tab": "autopay",
    }
    if plan:
        # Who comes back here has let go of what he was changing.
        Drafts(request.session).drop(drafted(plan))
        days = planned_days(plan, at=at)
        told |= {
            "days": days,
            "paused_until": paused_until(days),
            "any_skipped": any(each.is_skipped for each in days),
            "next": next_payment(tenant=tenant, lease=lease, at=at),
            "going": changing(plan).goes,
        }
    return render(request, "portal/autopay.html", told)


@require_http_methods(GET_AND_POST)
@tenant_page
def skip(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    at = now()
    plan = _plan(tenant, pk)
    if plan.ends_on is not None:
        return _ended(request, plan)
    if request.method != "POST":
        return _skip(request, plan, at)
    form = SkipForm(request.POST)
    if not form.is_valid():
        return _skip(request, plan, at, status=REFUSED)
    shown = form.cleaned_data["day"]
    try:
        told = skip_shown(plan, shown, by=person(request), at=at)
    except AlreadySkipped:
        messages.info(request, _("The payment of %(on)s is skipped already.") % {"on": day(shown)})
        return _to_autopay(plan.lease)
    except (TooLate, BadPlan):
        return _skip(request, plan, at, too_late_on=shown, status=REFUSED)
    messages.success(request, _("Skipped. We take nothing on %(on)s.") % {"on": day(shown)})
    _say_cancelled(request, len(told.cancels))
    return _to_autopay(plan.lease)


@require_http_methods(GET_AND_POST)
@tenant_page
def pause(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Looks at the days that are left out first; the page follows the day that is chosen."""
    at = now()
    plan = _plan(tenant, pk)
    if plan.ends_on is not None:
        return _ended(request, plan)
    today = new_york_date(at)
    if request.method == "POST":
        form = PauseForm(request.POST, today=today)
        if not form.is_valid():
            return _pause(request, plan, form, None, status=REFUSED)
        until = form.cleaned_data["until"]
        told = pause_debits(
            plan, starts_on=today, ends_on=until, by=person(request), at=at, reason="paused"
        )
        messages.success(
            request, _("Paused until %(on)s. Then autopay runs again.") % {"on": day(until)}
        )
        _say_cancelled(request, len(told.cancels))
        _say_going(request, told)
        return _to_autopay(plan.lease)
    asked = request.GET.get("until") or (today + PAUSE).isoformat()
    form = PauseForm({"until": asked}, today=today)
    if not form.is_valid():
        return _pause(request, plan, form, None, status=REFUSED)
    until = form.cleaned_data["until"]
    return _pause(request, plan, form, pausing(plan, starts_on=today, ends_on=until, at=at))


@require_http_methods(GET_AND_POST)
@tenant_page
def resume(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    at = now()
    plan = _plan(tenant, pk)
    if plan.ends_on is not None:
        return _ended(request, plan)
    if request.method == "POST":
        try:
            resume_autopay(plan, from_on=new_york_date(at), reason="resumed")
        except NothingToResume:
            messages.info(request, _("Nothing was paused any more. Autopay runs as planned."))
        else:
            messages.success(request, _("Autopay runs again. See the next payments below."))
        return _to_autopay(plan.lease)
    left_out = [each for each in planned_days(plan, at=at) if each.is_skipped]
    told = {
        "plan": plan,
        "again": [each.debit for each in left_out if not each.is_gone],
        "gone": [each.debit for each in left_out if each.is_gone],
        "tab": "autopay",
    }
    return render(request, "portal/autopay_resume.html", told)


@require_http_methods(GET_AND_POST)
@tenant_page
def revoke(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Takes a permission back, and ends autopay with it; asking again changes nothing."""
    at = now()
    mine = Mandate.objects.filter(tenant=tenant).select_related("bank_account", "lease")
    mandate = get_object_or_404(mine, pk=pk)
    if mandate.status in {MandateStatus.REVOKED, MandateStatus.EXPIRED}:
        messages.info(request, _("This permission is not in force any more."))
        return _to_autopay(mandate.lease)
    if request.method != "POST":
        told = {
            "mandate": mandate,
            "ends_autopay": mandate.autopays.filter(ends_on=None).exists(),
            **_stops(revoking(mandate, at=at)),
            "tab": "autopay",
        }
        return render(request, "portal/autopay_revoke.html", told)
    ends_autopay = mandate.autopays.filter(ends_on=None).exists()
    revoked = revoke_mandate(mandate, by=person(request), reason=BY_PAYER, at=at)
    messages.success(
        request,
        _("Your permission is taken back. Autopay with it has ended.")
        if ends_autopay
        else _("Your permission is taken back."),
    )
    _say_cancelled(request, len(revoked.cancelled))
    if revoked.under_way:
        messages.warning(
            request,
            _("What is with the bank already cannot be stopped. You see it under Payments."),
        )
    return _to_autopay(mandate.lease)


def _skip(
    request: HttpRequest, plan: Autopay, at: datetime, *, too_late_on: Any = None, status: int = 200
) -> HttpResponse:
    told = skipping(plan, at=at)
    first = told.leaves_out[0] if told.leaves_out else None
    shown = {
        "plan": plan,
        "day": first,
        "form": SkipForm(initial={"day": first}),
        "too_late_on": too_late_on,
        **_stops(told, going=changing(plan).goes),
        "tab": "autopay",
    }
    return render(request, "portal/autopay_skip.html", shown, status=status)


def _pause(
    request: HttpRequest,
    plan: Autopay,
    form: PauseForm,
    told: Consequences | None,
    *,
    status: int = 200,
) -> HttpResponse:
    stops = _stops(told) if told else {}
    shown = {"plan": plan, "form": form, **stops, "told": told, "tab": "autopay"}
    return render(request, "portal/autopay_pause.html", shown, status=status)


def _stops(told: Consequences, going: Any = None) -> dict[str, Any]:
    """What a decision cancels, and what it comes too late for, each with its cut-off."""
    late = going if going is not None else told.goes
    can = can_cancel_all([*told.cancels, *late])
    return {
        "told": told,
        "cancels": [(payment, can[payment.pk]) for payment in told.cancels],
        "goes": [(payment, can[payment.pk]) for payment in late if not can[payment.pk].ok],
    }


def _say_cancelled(request: HttpRequest, count: int) -> None:
    if count:
        messages.info(
            request,
            _("A payment that was planned is canceled. What it was for stays open."),
        )


def _say_going(request: HttpRequest, told: Consequences) -> None:
    for payment in told.goes:
        messages.warning(
            request,
            _("The payment of %(on)s is with the bank and goes on.")
            % {"on": day(payment.effective_on)},
        )


def _plan(tenant: Tenant, pk: int) -> Autopay:
    mine = Autopay.objects.filter(tenant=tenant)
    return get_object_or_404(mine.select_related("mandate__bank_account", "lease"), pk=pk)


def _ended(request: HttpRequest, plan: Autopay) -> HttpResponse:
    messages.info(request, _("This autopay has ended. You can set up a new one."))
    return _to_autopay(plan.lease)


def _to_autopay(lease: Lease) -> HttpResponse:
    return redirect(f"{reverse('portal:autopay')}?lease={lease.pk}")
