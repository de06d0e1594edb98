import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from tests import plugin
from tests.conftest import Database, _pointed_at
from tests.proof.month import live

MONTH = f"{plugin.OWN_DATABASE}_month"


@dataclass(frozen=True)
class Verdict:
    code: int
    told: dict[str, Any]

    @property
    def failed(self) -> list[str]:
        return [row["name"] for row in self.told["invariants"] if not row["passed"]]

    def offenders(self, name: str) -> list[tuple[str, str]]:
        (row,) = [row for row in self.told["invariants"] if row["name"] == name]
        return [(offender["subject"], offender["id"]) for offender in row["offenders"]]


@pytest.fixture(scope="session")
def month(django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database that has lived through a small month, to make copies of."""
    plugin.clone(MONTH)
    with django_db_blocker.unblock(), _pointed_at(NAME=MONTH):
        live()
    yield MONTH
    plugin.drop(MONTH)


@pytest.fixture
def lived(month, django_db_blocker) -> Iterator[Database]:
    """A copy of the month, for a test to break."""
    own = Database(f"{MONTH}_copy")
    plugin.run_sql(f"CREATE DATABASE {own.name} TEMPLATE {month} STRATEGY file_copy")
    with django_db_blocker.unblock(), _pointed_at(NAME=own.name):
        yield own
    plugin.drop(own.name)


@pytest.fixture
def tamper(lived) -> Callable[[str, str], Any]:
    """SQL of a superuser who has switched a table's triggers off; gives the first value it returns."""

    def run(table: str, statement: str) -> Any:
        with lived.connect("superuser") as connection:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            found = connection.execute(statement).fetchone()
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        return found[0] if found else None

    return run


def verified() -> Verdict:
    connections.close_all()
    out, code = StringIO(), 0
    try:
        call_command("verify", json=True, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return Verdict(code, json.loads(out.getvalue()))
