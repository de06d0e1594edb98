"""Every page there is, on a phone and a desk, light and dark: for everybody, and not wider than its window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bin.measuring.looking import pages
from tests import integrations, plugin
from tests.browser.axe import shifted, sideways, violations
from tests.browser.conftest import Site, serving
from tests.conftest import Database, _pointed_at
from tests.proof.month import live

HOUSE = f"{plugin.OWN_DATABASE}_house"
# Nothing a person sees.
MOVED = 0.001
PHONE, DESK = (390, 844), (1440, 900)
LOOKS = [
    pytest.param(PHONE, "light", id="phone-light"),
    pytest.param(DESK, "dark", id="desk-dark"),
    pytest.param(PHONE, "dark", id="phone-dark"),
    pytest.param(DESK, "light", id="desk-light"),
]
# More than a minute each: for CI, and for whoever changes colours, widths or a page.
pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, product) -> Iterator[tuple[Site, list]]:
    """A month of a house, and everybody who looks at it."""
    plugin.clone(HOUSE)
    with django_db_blocker.unblock(), _pointed_at(NAME=HOUSE):
        live()
        integrations.bring()
        found = list(pages())
        with serving(Database(HOUSE), product) as site:
            yield site, found
    plugin.drop(HOUSE)


@pytest.mark.parametrize(("size", "colours"), LOOKS)
def test_every_page_is_for_everybody(browser: Browser, house, size, colours):
    site, found = house
    problems = {}
    for path, cookie in found:
        name, _, value = cookie.partition("=")
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=colours
        )
        context.add_cookies([{"name": name, "value": value, "url": site.url}])
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda message, told=told: told.append(message.text))
        answer = page.goto(site.url + path)
        if answer and answer.status == 200:
            wide = [f"{sideways(page)} px too wide"] if sideways(page) > 0 else []
            moved = [f"moved by {shifted(page)}"] if shifted(page) > MOVED else []
            problems[path] = violations(page) + wide + moved + told
        context.close()

    assert len(problems) > 5
    assert not {path: told for path, told in problems.items() if told}
