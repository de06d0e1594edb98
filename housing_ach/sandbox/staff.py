"""The people of the made-up organisation who sign in. Sandbox only: their password is published."""

from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from housing_ach.users.services import create_staff

PASSWORD = "rent-comes-on-the-first"  # noqa: S105 - published with the demo log-ins
LOG_INS = (
    ("finance@example.org", "Frances Clerk", Role.FINANCE),
    ("controller@example.org", "Conrad Checker", Role.FINANCE),
    ("auditor@example.org", "Audra Proof", Role.AUDITOR),
    ("admin@example.org", "Adam Keeper", Role.ADMIN),
)


def create() -> tuple[User, User]:
    """The clerk who takes payments, and the controller who approves what others made."""
    made = [_person(*log_in) for log_in in LOG_INS]
    return made[0], made[1]


def present() -> tuple[User, User]:
    """The same two, where they are not there yet."""
    for email, name, role in LOG_INS[:2]:
        if not User.objects.filter(email__iexact=email).exists():
            _person(email, name, role)
    clerk, checker = (User.objects.get(email__iexact=email) for email, *_ in LOG_INS[:2])
    return clerk, checker


def _person(email: str, name: str, role: Role) -> User:
    user = create_staff(email=email, name=name, password=PASSWORD)
    give_role(user, role)
    return user
