"""A real browser on a real server: gunicorn as it runs in production, on a database of the test's own."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from housing_ach.users.models import User
from tests import plugin
from tests.conftest import Database
from tests.desk.signing_in import verified

CHROMIUM = shutil.which("chromium-headless-shell")
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# A refused form is answered so, and the browser calls that an error.
REFUSED = ("422", "409")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only an ordinary user may lack the browser: bin/test installs it as root."""
    if CHROMIUM:
        return
    why = "chromium-headless-shell is not installed: sudo apt-get install chromium-headless-shell"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session", autouse=True)
def database_beside_an_event_loop():
    """Playwright keeps a loop in this thread; Django must not take our queries for asynchronous ones."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def base_url() -> None:
    """In place of pytest-base-url's, which this pytest warns of: every site has its own."""


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": CHROMIUM, "chromium_sandbox": False, "args": QUIET}


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the first process of a run that needs it."""
    own = tmp_path_factory.getbasetemp()
    root = (own.parent if plugin.PROCESS else own) / "static"
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
            half = root.with_suffix(".half")
            subprocess.run(command, env=os.environ | {"STATIC_ROOT": str(half)}, check=True)
            half.rename(root)
    return root


@dataclass
class Site:
    url: str
    database: Database

    def sign_in(self, context: BrowserContext, user: User) -> None:
        """As if the password, and of staff the code, had been given. One test gives them by hand."""
        cookie = verified(user, second_factor=user.is_staff).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])


@pytest.fixture(scope="session")
def product(static_root: Path) -> Iterator[subprocess.Popen[str]]:
    """Loaded once: see tests.browser.preloaded."""
    web = plugin.environment(plugin.OWN_DATABASE, "web")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.preloaded"],
        env=os.environ | web | {"STATIC_ROOT": str(static_root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.communicate()


@pytest.fixture
def site(committed_db: Database, product: subprocess.Popen[str]) -> Iterator[Site]:
    with serving(committed_db, product) as found:
        yield found


@contextlib.contextmanager
def serving(database: Database, product: subprocess.Popen[str]) -> Iterator[Site]:
    asked = {"name": database.name, "anchor": str(settings.AUDIT_ANCHOR_FILE)}
    print(json.dumps(asked), file=product.stdin, flush=True)
    pid, port = json.loads(product.stdout.readline())
    try:
        yield Site(f"http://127.0.0.1:{port}", database)
    finally:
        os.killpg(pid, signal.SIGKILL)


@pytest.fixture(autouse=True)
def nothing_goes_wrong_unseen(request) -> Iterator[None]:
    """An error in the console, a script that fails or a breach of the content policy fails the test."""
    problems: list[str] = []
    context: BrowserContext = request.getfixturevalue("context")
    context.on("console", lambda message: _note(problems, message.type, message.text))
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield
    assert not problems


def _note(problems: list[str], kind: str, text: str) -> None:
    if kind == "error" and not any(f"status of {code}" in text for code in REFUSED):
        problems.append(text)


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    return page
