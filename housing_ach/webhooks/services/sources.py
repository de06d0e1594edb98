"""Who made something happen, as programs are told it: what he is, and his number; never a name."""

from collections.abc import Collection, Iterable

from housing_ach.users.models import User

PERSON, PROGRAM = "user:", "client:"
STAFF, TENANT, API, SYSTEM = "staff", "tenant", "api", "system"


def staff_among(actors: Iterable[str]) -> set[str]:
    """One query, none where nobody is a person."""
    people = {actor.removeprefix(PERSON) for actor in actors if actor.startswith(PERSON)}
    if not (numbers := [int(number) for number in people if number.isdecimal()]):
        return set()
    found = User.objects.filter(pk__in=numbers, is_staff=True).values_list("pk", flat=True)
    return {f"{PERSON}{pk}" for pk in found}


def source_of(actor: str, staff: Collection[str]) -> dict[str, str | None]:
    """What our own work did has no actor."""
    if actor.startswith(PROGRAM):
        return {"origin": API, "actor": actor}
    if actor.startswith(PERSON):
        return {"origin": STAFF if actor in staff else TENANT, "actor": actor}
    return {"origin": SYSTEM, "actor": None}
