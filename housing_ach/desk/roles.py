"""What each role may do in the records, as Django permissions; a role is given together with its group."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from housing_ach.tenants.models import Membership, Property
from housing_ach.tenants.services import end_membership, give_membership
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from housing_ach.users.services import system_user

# Those whose rows a role may act on; what an action does is the service's to allow.
CHANGES = {
    Role.FINANCE: ("batches.batch", "payments.payment", "cases.case", "batches.entry"),
    Role.ADMIN: (
        "users.user",
        "tenants.membership",
        "tenants.property",
        "tenants.unit",
        "tenants.lease",
        "tenants.tenant",
        "tenants.leaseshare",
        "tenants.chargeschedule",
        "bank.bankprofile",
        "bank.window",
        "bank.company",
        "ledger.fund",
        "payments.limit",
    ),
    Role.AUDITOR: (),
    Role.PROPERTY_MANAGER: (),
    Role.TENANT: (),
}
# Whose records a role may look at; a manager's are those that show him no other property's rows.
APPS = {Role.PROPERTY_MANAGER: ("tenants", "mandates", "payments"), Role.TENANT: ()}


@transaction.atomic
def give_role(
    user: User, role: Role, *, to: Property | None = None, by: User | None = None
) -> Membership:
    """Make `user` a `role` of a property, or of the whole organization where none is named.

    Without `by` the system itself does, as a command line asks. Raises what `give_membership` does.
    """
    membership = give_membership(user=user, role=role, property=to, by=by or system_user())
    group, _ = Group.objects.get_or_create(name=role.value)
    group.permissions.set(_permissions(role))
    user.groups.add(group)
    return membership


@transaction.atomic
def end_role(membership: Membership, *, by: User) -> None:
    """The group goes with the last membership of the role. Raises what `end_membership` does."""
    user, role = membership.user, membership.role
    end_membership(membership, by=by)
    if not user.memberships.filter(role=role).exists():
        user.groups.remove(*Group.objects.filter(name=role))


def _permissions(role: Role) -> list[Permission]:
    """What may be looked at, and the few rows that may be acted on."""
    wanted = Q(codename__startswith="view_")
    if role in APPS:
        wanted &= Q(content_type__app_label__in=APPS[role])
    for label in CHANGES[role]:
        app, model = label.split(".")
        wanted |= Q(content_type__app_label=app, codename__in=[f"change_{model}", f"add_{model}"])
    return list(Permission.objects.filter(wanted))
