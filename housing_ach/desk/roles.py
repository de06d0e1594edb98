"""What each role may do in the records, as Django permissions; a role is given together with its group."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from housing_ach.tenants.models import Membership, Property
from housing_ach.tenants.states import Role
from housing_ach.users.models import User

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
}


@transaction.atomic
def give_role(user: User, role: Role, *, to: Property | None = None) -> Membership:
    """Make `user` a `role` of a property, or of the whole organisation where none is named."""
    group, _ = Group.objects.get_or_create(name=role.value)
    group.permissions.set(_permissions(role))
    user.groups.add(group)
    membership, _ = Membership.objects.get_or_create(user=user, property=to, role=role)
    return membership


def _permissions(role: Role) -> list[Permission]:
    """Every staff role may look at everything; only money's own roles and set-up may act."""
    wanted = Q(codename__startswith="view_")
    for label in CHANGES[role]:
        app, model = label.split(".")
        wanted |= Q(content_type__app_label=app, codename__in=[f"change_{model}", f"add_{model}"])
    return list(Permission.objects.filter(wanted))
