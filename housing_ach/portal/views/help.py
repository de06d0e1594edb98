from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from housing_ach.clock.services import today
from housing_ach.portal.access import tenant_page
from housing_ach.portal.leases import leases_of
from housing_ach.portal.words import SENTENCES
from housing_ach.shared.templatetags.ui import LOOKS
from housing_ach.tenants.models import Tenant

# Cleared is paid, and batched is scheduled: the badges say no more.
EXPLAINED = {
    status: sentence
    for status, sentence in SENTENCES.items()
    if status not in {"CLEARED", "BATCHED"}
}


@require_safe
@tenant_page
def guide(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """How payments work here, in plain words."""
    leases = leases_of(tenant, on=today())
    words = [(LOOKS[status].words, sentence) for status, sentence in EXPLAINED.items()]
    return render(request, "portal/help.html", {"leases": leases, "words": words, "tab": "help"})
