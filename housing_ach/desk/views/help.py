from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from housing_ach.clock.services import now
from housing_ach.desk import guide as told
from housing_ach.desk.access import desk_page
from housing_ach.desk.page_context import INTEGRATES
from housing_ach.payments.services.retries import MOST as RETRIES
from housing_ach.payments.services.retries import WITHIN
from housing_ach.reports.selectors.figures import LEVELS, RATE_DAYS
from housing_ach.returns.policy import RETRY_AFTER
from housing_ach.tenants.readiness import CONNECTION_DAYS, PEOPLE, SHADOW_DAYS
from housing_ach.tenants.states import Role
from housing_ach.users import proofs
from housing_ach.users.middleware import IDLE, MOST
from housing_ach.users.step_up import FRESH
from housing_ach.webhooks.services.sending import MOST_TRIES, PAUSE_AFTER

MINUTE, HOUR = 60, 3600


@require_safe
@desk_page()
def guide(request: HttpRequest) -> HttpResponse:
    """The work of the finance staff in its order, for the first day; its figures are the product's."""
    facts = {
        "idle": IDLE.seconds // MINUTE,
        "longest": MOST.seconds // HOUR,
        "fresh": FRESH.seconds // MINUTE,
        "tries": settings.AXES_FAILURE_LIMIT,
        "locked": settings.AXES_COOLOFF_TIME.seconds // MINUTE,
        "cut_offs": told.cut_offs(at=now()),
        "by_itself": list(told.by_itself()),
        "deeds": list(told.deeds()),
        "codes": told.codes(),
        "levels": LEVELS.items(),
        "rate_days": RATE_DAYS,
        "retry_after": RETRY_AFTER,
        "retries": RETRIES,
        "retry_days": WITHIN.days,
        "modes": told.MODES.items(),
        "shadow_days": SHADOW_DAYS,
        "connection_days": CONNECTION_DAYS,
        "people": PEOPLE,
        "roles": list(told.roles()),
        "key_days": proofs.OLD.days,
        "overlap": proofs.OVERLAP.days * 24,
        "most_tries": MOST_TRIES,
        "pause_after": PAUSE_AFTER,
        "may_integrate": bool(INTEGRATES & request.roles_of_all),  # type: ignore[attr-defined]
        "may_approve": Role.FINANCE in request.roles,  # type: ignore[attr-defined]
        "may_set_up": Role.ADMIN in request.roles,  # type: ignore[attr-defined]
    }
    return render(request, "desk/help.html", facts)
