"""Every address of ours, asked for by every role, for what belongs to a property that is not its own."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from bin.measuring.looking import SHOWN
from housing_ach.desk.roles import give_role
from housing_ach.portal.drafts import STEPS
from housing_ach.tenants.states import Role
from tests.desk.signing_in import verified
from tests.factories import LeaseFactory, UserFactory, primary_tenant

STAFF = [Role.PROPERTY_MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMIN]
CLOSED = {403, 404}
# Nobody's in particular: what is said of the whole organisation, or of the asker alone.
SPACES = ("desk", "portal")


def addresses(resolver: URLResolver, space: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    for part in resolver.url_patterns:
        here = path + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from addresses(part, part.namespace or space, here)
        elif isinstance(part, URLPattern) and part.name and space in SPACES:
            yield f"{space}:{part.name}", f"/{here}"


ADDRESSES = dict(addresses(get_resolver()))


@pytest.fixture(scope="module")
def rows(organisation) -> dict[str, int]:
    """Of every kind of row that has a page, one of a property nobody here belongs to."""
    return {
        name: model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        for name, model in SHOWN.items()
    }


def staff(role: Role) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=LeaseFactory().unit.property)
    return verified(user)


def tenant() -> Client:
    lease = LeaseFactory()
    payer = primary_tenant(lease)
    payer.user = UserFactory()
    payer.save()
    return verified(payer.user, second_factor=False)


def filled(name: str, path: str, rows: dict[str, int]) -> str:
    """An address without a row of its own takes that of the page it belongs to."""
    if "<int:pk>" not in path:
        return path.replace("<slug:step>", STEPS[0])
    longest_first = sorted(rows, key=len, reverse=True)
    page = next(known for known in longest_first if name.startswith(known))
    return path.replace("<int:pk>", str(rows[page])).replace("<slug:step>", STEPS[0])


@pytest.mark.parametrize("role", [Role.TENANT, *STAFF])
def test_what_is_another_propertys_is_not_there(organisation, rows, role: Role):
    browser = tenant() if role == Role.TENANT else staff(role)
    own_space = "portal" if role == Role.TENANT else "desk"

    opened = {}
    for name, path in ADDRESSES.items():
        foreign = not name.startswith(own_space)
        if foreign or "<int:pk>" in path:
            address = filled(name, path, rows)
            answers = browser.get(address).status_code, browser.post(address).status_code
            if not set(answers) <= CLOSED | {405} or answers == (405, 405):
                opened[name] = answers

    assert not opened


def test_every_address_of_a_row_is_walked(rows):
    unknown = [
        name
        for name, path in ADDRESSES.items()
        if "<int:pk>" in path and not any(name.startswith(known) for known in rows)
    ]

    assert not unknown
