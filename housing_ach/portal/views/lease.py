"""The account of a lease, line by line, and who shares it."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from housing_ach.clock.services import today
from housing_ach.portal.access import tenant_page
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.portal.selectors import balance_lines, household
from housing_ach.reports.selectors import statement
from housing_ach.tenants.models import Tenant

YEAR = timedelta(days=365)


@require_safe
@tenant_page
def balance(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Twelve months; what was before is one line."""
    on = today()
    leases = leases_of(tenant, on=on)
    lease = chosen_lease(request, leases)
    account = statement(lease, tenant, on - YEAR, on)
    told = {
        "account": account,
        "lines": balance_lines(account.lines),
        "lease": lease,
        "leases": leases,
        "tab": "payments",
    }
    return render(request, "portal/balance.html", told)


@require_safe
@tenant_page
def roommates(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    on = today()
    leases = leases_of(tenant, on=on)
    lease = chosen_lease(request, leases)
    payers, charges = household(lease, on=on)
    told = {
        "payers": payers,
        "charges": charges,
        "me": tenant,
        "lease": lease,
        "leases": leases,
        "today": on,
        "tab": "payments",
    }
    return render(request, "portal/roommates.html", told)
