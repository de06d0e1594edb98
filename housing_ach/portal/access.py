"""Who may open a tenant's pages: the tenant, and nobody for him."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from housing_ach.tenants.models import Tenant
from housing_ach.users.models import User
from housing_ach.users.requests import person

__all__ = ["person", "tenant_of", "tenant_page"]

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Tenant, P], HttpResponse]


def tenant_of(user: object) -> Tenant | None:
    return Tenant.objects.filter(user=user).first() if isinstance(user, User) else None


def tenant_page(view: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """The view gets the tenant who is signed in; whoever is none gets 403."""

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        tenant = tenant_of(request.user)
        if tenant is None:
            raise PermissionDenied
        return view(request, tenant, *args, **kwargs)

    return asked
