"""Who may change what others work by."""

from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Membership, Property
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from housing_ach.users.states import SYSTEM_EMAIL


class NotAllowed(Refusal):
    """Only an administrator of the organisation, or of the property concerned, sets it up."""


def require_administrator(by: User, property: Property | None) -> None:
    """The system itself may: it sets up what a command line asks for."""
    if by.is_superuser or by.email == SYSTEM_EMAIL:
        return
    if not Membership.objects.filter(user=by, role=Role.ADMIN).reaching(property).exists():
        place = property or "the organization"
        raise NotAllowed(f"by: {by} is no administrator of {place}", field="by", ids=[by.pk])
