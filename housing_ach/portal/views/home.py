from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from housing_ach.portal.access import tenant_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's own first page."""
    if request.user.is_staff:
        return redirect("desk:overview")
    tenant = tenant_of(request.user)
    if tenant is None:
        raise PermissionDenied
    return render(request, "portal/home.html", {"tenant": tenant, "tab": "home"})
