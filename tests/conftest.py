import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from tests import plugin

CLONES = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """One test database. Roles: worker (the tests' own), app (web), owner, superuser."""

    name: str

    def url(self, role: str = "worker") -> str:
        return plugin.url(role, self.name)

    def connect(self, role: str = "worker", **options: Any) -> psycopg.Connection:
        """A connection beside Django's. It sees what is committed."""
        return psycopg.connect(self.url(role), **{"autocommit": True, **options})

    def environment(self, process: str = "worker") -> dict[str, str]:
        """For a subprocess: worker, web (role hms_app, no private money key) or owner."""
        own = {"AUDIT_ANCHOR_FILE": str(settings.AUDIT_ANCHOR_FILE)}
        return plugin.environment(self.name, process) | own

    @contextlib.contextmanager
    def acting_as(self, role: str) -> Iterator[None]:
        """Django's own connection in another role. Not inside a transaction."""
        with _pointed_at(USER=plugin.ROLES[role]):
            yield


@contextlib.contextmanager
def _pointed_at(**changed: str) -> Iterator[None]:
    given = connections.settings["default"]
    before = {key: given[key] for key in changed}
    connections["default"].close()
    given.update(changed)
    try:
        yield
    finally:
        connections["default"].close()
        given.update(before)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """In place of Django's: a clone of the migrated database, entered as hms_worker."""
    plugin.clone(plugin.OWN_DATABASE)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    plugin.drop(plugin.OWN_DATABASE)


@pytest.fixture(autouse=True)
def anchors(settings, tmp_path):
    """Every test's own: clones of one database are one chain that goes on differently."""
    settings.AUDIT_ANCHOR_FILE = tmp_path / "anchors.log"
    return settings.AUDIT_ANCHOR_FILE


@pytest.fixture
def database(db) -> Database:
    """The database of tests that are rolled back."""
    return Database(plugin.OWN_DATABASE)


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker) -> Iterator[Database]:
    """A database of the test's own, for what must commit or needs several connections.

    Django's flush is TRUNCATE, which the append-only tables refuse, so that the whole database goes.
    Do not ask for `db` beside it.
    """
    own = Database(f"{plugin.OWN_DATABASE}_{next(CLONES)}")
    plugin.clone(own.name)
    with django_db_blocker.unblock(), _pointed_at(NAME=own.name):
        yield own
    plugin.drop(own.name)


@pytest.fixture(scope="session", autouse=True)
def static_files_without_a_manifest():
    storages = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages):
        yield
