"""In live mode there is no such address, whoever asks."""

import importlib
import os
import subprocess
import sys
from types import ModuleType

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings
from django.urls import clear_url_caches

from housing_ach import urls
from housing_ach.sandbox.urls import ENDPOINTS
from housing_ach.users.states import Scope
from tests.api import contract
from tests.api.calling import bearer, registered, token_of

PATHS = [f"/api/v1/test/{place}".replace("<int:pk>", "1") for place, *_ in ENDPOINTS]


def laid_out_anew() -> ModuleType:
    clear_url_caches()
    contract.forget()
    return importlib.reload(urls)


@pytest.fixture
def live(db):
    token = token_of(*registered(scopes=(Scope.READ, Scope.WRITE)))
    with override_settings(LIVE_MODE=True, API_REQUIRE_BOUND=False):
        laid_out_anew()
        yield token
    laid_out_anew()


@pytest.mark.parametrize("path", PATHS)
def test_live_mode_has_no_such_address(live, path):
    asked = {"headers": bearer(live) | {"Idempotency-Key": "a key of its own"}}

    for answer in (Browser().get(path, **asked), Browser().post(path, **asked)):
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/not-found"


def test_the_contract_of_live_mode_tells_of_no_such_address(live):
    assert not [path for path, *_ in contract.operations() if "/test/" in path]


@pytest.mark.parametrize("path", PATHS)
def test_the_sandbox_asks_who_is_there(db, path):
    answers = (Browser().get(path), Browser().post(path))

    # Each has one method alone.
    assert sorted(answer.status_code for answer in answers) == [401, 405]


def test_the_worker_looks_for_wishes_in_the_sandbox_alone():
    names = "import housing_ach.celery as c; print(*c.TIMETABLE)"
    for live, is_there in (("0", True), ("1", False)):
        told = subprocess.run(
            [sys.executable, "-c", names],
            cwd=settings.BASE_DIR,
            env=os.environ | {"LIVE_MODE": live},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "batches.tasks.send_files" in told
        assert ("sandbox.tasks.advance" in told) is is_there
