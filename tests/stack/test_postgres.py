import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from bin.stack.environment import DATABASE
from bin.stack.places import BASE, socket_dir
from bin.stack.postgres import Postgres
from bin.stack.prepared import create_database

STARTER = """
import sys, time
from pathlib import Path
from bin.stack.postgres import Postgres
postgres = Postgres(Path(sys.argv[1]), fast=True)
postgres.start(Path(sys.argv[1]) / "log")
print(postgres.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"), fast=True)
    postgres.start(postgres.root / "log")
    create_database(postgres, DATABASE)
    yield postgres
    postgres.stop()
    postgres.remove()


def test_the_roles_may_be_made_twice(server):
    create_database(server, DATABASE)

    assert DATABASE in server.databases()


@pytest.mark.parametrize("role", ["app", "worker"])
def test_a_runtime_role_cannot_make_tables(server, role):
    with (
        psycopg.connect(server.url(role, DATABASE)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE public.loot (id int)")


@pytest.mark.parametrize("role", ["app", "worker"])
def test_a_runtime_role_may_use_but_not_empty_what_the_owner_made(server, role):
    with psycopg.connect(server.url("owner", DATABASE), autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS rent; CREATE TABLE rent (id serial, cents int)")

    with psycopg.connect(server.url(role, DATABASE)) as connection:
        connection.execute("INSERT INTO rent (cents) VALUES (1); UPDATE rent SET cents = 2")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE rent")


@pytest.fixture
def fresh(tmp_path):
    postgres = Postgres(tmp_path, fast=True)
    yield postgres
    postgres.stop()
    postgres.remove()


def test_what_an_interrupted_initdb_left_is_made_anew(fresh, tmp_path):
    half = fresh.root / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    fresh.start(tmp_path / "log")

    assert "postgres" in fresh.databases()


def test_the_data_of_another_version_are_left_alone(fresh, tmp_path):
    fresh.data.mkdir(parents=True)
    (fresh.data / "PG_VERSION").write_text("12\n")

    with pytest.raises(SystemExit, match="PostgreSQL 12"):
        fresh.start(tmp_path / "log")


def test_it_survives_a_kill_of_the_server(fresh, tmp_path):
    fresh.fast = False
    fresh.start(tmp_path / "log")
    fresh.run_sql("CREATE TABLE rent AS SELECT 125000 AS cents")
    assert fresh.process
    os.killpg(fresh.process.pid, signal.SIGKILL)
    fresh.process.wait()

    fresh.start(tmp_path / "log")

    with psycopg.connect(fresh.url("superuser", "postgres")) as connection:
        assert connection.execute("SELECT cents FROM rent").fetchone() == (125000,)


def test_it_does_not_outlive_whoever_started_it(fresh, tmp_path):
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, tmp_path], cwd=BASE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    pid = int(starter.stdout.readline())

    starter.kill()
    starter.communicate()

    assert ended(pid)


def ended(pid: int) -> bool:
    """Within ten seconds; a zombie has ended, whoever should reap it."""
    end = time.monotonic() + 10
    status = Path(f"/proc/{pid}/status")
    while time.monotonic() < end:
        try:
            if "State:\tZ" in status.read_text():
                return True
        except OSError:
            return True
    return False


def test_sockets_of_a_deep_folder_have_a_short_path(tmp_path):
    deep = tmp_path / ("rent" * 30)

    folder = socket_dir(deep)

    assert len(str(folder)) < 80
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
