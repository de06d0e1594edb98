"""Whether the servers this process needs answer. Details name no host and no secret."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu import Connection
from kombu.exceptions import KombuError

from housing_ach.shared import pdf

PATIENCE_SECONDS = 2


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    detail: str
    needed: bool


def checks() -> list[Check]:
    return [
        _check("database", _database, needed=True),
        _check("migrations", _migrations, needed=True),
        _check("broker", _broker, needed=False),
        _check("documents", pdf.trouble, needed=False),
    ]


def _check(name: str, ask: Callable[[], str], *, needed: bool) -> Check:
    try:
        wrong = ask()
    except (DatabaseError, KombuError, OSError) as error:
        wrong = f"does not answer ({type(error).__name__})"
    return Check(name, not wrong, wrong or "ok", needed)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
        )
        (read_only,) = cursor.fetchone() or (True,)
    return "is read-only" if read_only else ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else ""


def _broker() -> str:
    with Connection(settings.REDIS_URL, connect_timeout=PATIENCE_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=PATIENCE_SECONDS)
    return ""
