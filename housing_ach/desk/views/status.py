from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from housing_ach.clock.services import now
from housing_ach.desk import health, selectors
from housing_ach.desk.access import desk_page


@require_safe
@desk_page()
def status(request: HttpRequest) -> HttpResponse:
    at = now()
    facts = {
        "clock": selectors.clock_facts(at=at),
        "figures": selectors.figures(at=at),
        "batches": selectors.batches_at_work(),
        "files": selectors.latest_files(),
        "cases": selectors.open_cases_by_kind(),
        "returns": selectors.returns_by_code(at=at),
        "checks": health.checks(),
    }
    return render(request, "desk/status.html", facts)


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 while the database cannot be written or lacks a migration; a lost broker only degrades."""
    checks = health.checks()
    failed = any(not check.ok and check.needed for check in checks)
    state = "failed" if failed else "ok" if all(check.ok for check in checks) else "degraded"
    body = {"status": state, "checks": {check.name: check.detail for check in checks}}
    return JsonResponse(body, status=503 if failed else 200)
