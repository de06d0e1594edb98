"""Who is what to a property or to the organisation; roles that check each other stay apart."""

from django.db import transaction

from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Membership, Property
from housing_ach.tenants.services.set_up import require_administrator
from housing_ach.tenants.states import Role
from housing_ach.users.models import User


class ConflictingRoles(Refusal):
    """The user has a role that is kept apart from this one."""


class NoProperty(Refusal):
    """A property manager manages a property."""


class OwnRole(Refusal):
    """Nobody gives himself a role, or takes one from himself."""


@transaction.atomic
def give_membership(
    *, user: User, role: Role, by: User, property: Property | None = None
) -> Membership:
    """Of the property, or without one of the whole organisation. Giving it again does nothing.

    Raises NotAllowed, OwnRole, NoProperty or ConflictingRoles.
    """
    require_administrator(by, property)
    _require_other(user, by)
    if role == Role.PROPERTY_MANAGER and property is None:
        raise NoProperty("property: a property manager manages one", field="property")
    User.objects.select_for_update().get(pk=user.pk)
    if found := Membership.objects.against(user.pk, role):
        raise ConflictingRoles(
            f"role: {user} is {', '.join(found)}, and nobody is {role} as well",
            field="role",
            ids=[user.pk],
        )
    membership, _ = Membership.objects.get_or_create(user=user, property=property, role=role)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: User) -> None:
    """The row goes, and the audit keeps it. Raises NotAllowed or OwnRole."""
    require_administrator(by, membership.property)
    _require_other(membership.user, by)
    membership.delete()


def _require_other(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise OwnRole("user: another administrator decides what you are", field="user")
