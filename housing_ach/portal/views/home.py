from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from housing_ach.clock.services import now
from housing_ach.payments.selectors import history
from housing_ach.portal.access import tenant_of
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.portal.selectors.start import start_of
from housing_ach.portal.words import look_of
from housing_ach.shared.business_days import NEW_YORK, new_york_date
from housing_ach.tenants.models import Tenant
from housing_ach.tenants.selectors import effective_policy, rollout_of
from housing_ach.tenants.states import Rollout

RECENT = 4
NOON, EVENING = 12, 18


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's own first page."""
    if request.user.is_staff:
        return redirect("desk:overview")
    tenant = tenant_of(request.user)
    if tenant is None:
        raise PermissionDenied
    return _start(request, tenant)


def _start(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    at = now()
    on = new_york_date(at)
    leases = leases_of(tenant, on=on)
    hour = at.astimezone(NEW_YORK).hour
    told: dict[str, Any] = {
        "name": tenant.name.split()[0] if tenant.name.split() else "",
        "time_of_day": "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening",
        "leases": leases,
        "today": on,
        "tab": "home",
    }
    if leases:
        lease = chosen_lease(request, leases)
        recent = history(tenant=tenant)[:RECENT]
        told |= {
            "lease": lease,
            "start": start_of(tenant, lease, at=at),
            "recent": [(payment, look_of(payment)) for payment in recent],
            "reminder_days": effective_policy(lease=lease).reminder_days.value,
            "is_live": rollout_of(lease) == Rollout.LIVE,
        }
    return render(request, "portal/home.html", told)
