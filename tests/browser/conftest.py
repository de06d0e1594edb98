"""A real browser on a real server: gunicorn as it runs in production, on a database of the test's own."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from housing_ach.users.models import User
from tests.conftest import Database
from tests.desk.signing_in import verified

CHROMIUM = shutil.which("chromium-headless-shell")
READY_SECONDS = 60
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
def static_root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("static")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, env=os.environ | {"STATIC_ROOT": str(root)}, check=True)
    return root


@dataclass
class Site:
    url: str
    database: Database

    def sign_in(self, context: BrowserContext, user: User) -> None:
        """As if the password, and of staff the code, had been given. One test gives them by hand."""
        cookie = verified(user, second_factor=user.is_staff).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])


@pytest.fixture
def site(committed_db: Database, static_root: Path) -> Iterator[Site]:
    with serving(committed_db, static_root) as found:
        yield found


@contextlib.contextmanager
def serving(database: Database, static_root: Path) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        env = os.environ | database.environment("web") | {"STATIC_ROOT": str(static_root)}
        command = ["-m", "gunicorn", "housing_ach.wsgi", "--bind", f"fd://{listener.fileno()}"]
        options = ["--threads", "4", "--no-control-socket", "--log-level", "warning"]
        process = subprocess.Popen(
            [sys.executable, *command, *options], env=env, pass_fds=[listener.fileno()]
        )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            _wait(process, url)
            yield Site(url, database)
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=READY_SECONDS):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not become ready: {process.poll()}")


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
