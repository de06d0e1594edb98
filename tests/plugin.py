"""A throw-away PostgreSQL and Valkey for every run of pytest.

Loaded by `-p` (pyproject.toml), not from conftest.py: pytest-django reads the settings before conftest
files are imported, so the environment has to be set while this module is imported. Runs can go on side
by side: each has its own temporary folder. The processes of pytest-xdist share one run's servers, and
each has its own database, a clone of the migrated one.
"""

import atexit
import os
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from hypothesis import settings as made_up

from bin.stack.environment import DATABASE, Addresses
from bin.stack.postgres import ROLES
from bin.stack.throwaway import Throwaway

PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "")
OWN_DATABASE = f"{DATABASE}_{PROCESS or 'main'}"
SERVERS = None if PROCESS else Throwaway()

# How long an example takes says more of the machine than of the code.
made_up.register_profile("house", deadline=None)
made_up.load_profile("house")

# Passwords of tests guard nothing: the least work Argon2 takes.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 8
Argon2PasswordHasher.parallelism = 1

if SERVERS:
    atexit.register(SERVERS.stop)
    os.environ.pop("VAULT_KEY_DIR", None)
    os.environ["HMS_TEST_SOCKETS"] = str(SERVERS.postgres.sockets)
    os.environ["INSECURE_HTTP"] = "1"
    # All tests ask from one address.
    os.environ["API_TOKENS_PER_MINUTE"] = "1000000"
    os.environ.pop("LIVE_MODE", None)


def url(role: str, database: str) -> str:
    return f"postgresql://{ROLES[role]}@/{database}?host={os.environ['HMS_TEST_SOCKETS']}"


def addresses(database: str) -> Addresses:
    urls = {role: url(role, database) for role in ("owner", "app", "worker")}
    broker = SERVERS.valkey.url if SERVERS else os.environ["REDIS_URL"]
    return Addresses(**urls, broker=broker)


def environment(database: str, process: str) -> dict[str, str]:
    var = SERVERS.var if SERVERS else Path(os.environ["HMS_VAR"])
    return addresses(database).environment(process, var=var)


os.environ.update(environment(OWN_DATABASE, "worker"))


def run_sql(statement: str) -> None:
    with psycopg.connect(url("superuser", "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


def clone(name: str) -> None:
    if problem := os.environ.get("HMS_TEST_PROBLEM"):
        pytest.fail(f"There is no migrated database to test with.\n{problem}", pytrace=False)
    run_sql(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {ROLES['owner']} STRATEGY file_copy")


def drop(name: str) -> None:
    run_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also what is marked `full`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.option.full:
        left = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: takes long or needs more than the rest; with --full")
    if SERVERS and not config.option.collectonly:
        SERVERS.start()
        os.environ["HMS_TEST_PROBLEM"] = SERVERS.problem


def pytest_unconfigure() -> None:
    if SERVERS:
        SERVERS.stop()
