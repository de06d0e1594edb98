"""Who may open a page of the desk, and who may act on it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from housing_ach.tenants.models import Membership, Property
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from housing_ach.users.requests import is_verified, person

__all__ = ["STAFF", "desk_page", "person", "reaches", "reaches_all", "reaches_any", "roles_of"]

STAFF = frozenset(Role) - {Role.TENANT}
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def roles_of(user: User) -> frozenset[str]:
    """The roles of somebody whose second factor was shown; rows are another matter: `visible_to`."""
    return _roles(user)[0]


def _roles(user: User) -> tuple[frozenset[str], frozenset[str]]:
    """All of them, and those that are for the whole organisation."""
    if user.is_superuser:
        return frozenset(STAFF), frozenset(STAFF)
    held = list(Membership.objects.filter(user=user).values_list("role", "property"))
    return frozenset(role for role, _ in held), frozenset(role for role, at in held if at is None)


def reaches(user: User, role: Role, property_id: int | None) -> bool:
    """Whether the user has the role there; what belongs to no one property is anybody's of the role
    who sees it. A role at one property gives nobody a right at another.
    """
    if user.is_superuser:
        return True
    held = Membership.objects.filter(user=user, role=role)
    if property_id is not None:
        held = held.filter(Q(property=None) | Q(property=property_id))
    return held.exists()


def reaches_any(user: User, role: Role, homes: QuerySet[Property]) -> bool:
    """Whether the user has the role at one of these properties, or for the organisation."""
    if user.is_superuser:
        return True
    held = Membership.objects.filter(user=user, role=role)
    return held.filter(Q(property=None) | Q(property__in=homes)).exists()


def reaches_all(user: User, role: Role, homes: QuerySet[Property]) -> bool:
    """Whether the user has the role at every one of these properties."""
    held = Membership.objects.filter(user=user, role=role)
    if user.is_superuser or held.filter(property=None).exists():
        return True
    return held.exists() and not homes.exclude(pk__in=held.values("property")).exists()


def desk_page(*roles: Role, whole: bool = False) -> Callable[[Page[P]], Page[P]]:
    """Open to staff of these roles (every staff role where none is named) with their second factor shown.

    `whole`: a role at one property does not open what is the whole organisation's.
    """
    wanted = frozenset(roles) or STAFF

    def wrap(view: Page[P]) -> Page[P]:
        @wraps(view)
        def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or not is_verified(request):
                raise PermissionDenied
            held, of_all = _roles(user)
            if not (of_all if whole else held) & wanted:
                raise PermissionDenied
            # For menus and buttons.
            request.roles, request.roles_of_all = held, of_all  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return asked

    return wrap
