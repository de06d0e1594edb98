import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bin.stack import children, prepared
from bin.stack.environment import Addresses, make_secret_key, real_database
from bin.stack.servers import Busy, borrowed, owned
from bin.stack.supervisor import TRIES, GaveUp, Stack, free_port, listens, procfile
from bin.stack.valkey import Valkey

NOWHERE = Addresses(owner="o", app="a", worker="w", broker="b")


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """A stack whose only process is one we choose."""

    def of(code: str) -> Stack:
        made = Stack(var=tmp_path, addresses=NOWHERE, port=1, bank_port=1, with_bank=False)
        argv = [sys.executable, "-c", code]
        monkeypatch.setattr(Stack, "commands", lambda _: {"worker": argv})
        return made

    return of


@pytest.fixture
def without_servers(monkeypatch):
    """Servers of the environment: nothing is started."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///real")
    monkeypatch.setenv("OWNER_DATABASE_URL", "postgresql:///real")
    monkeypatch.setenv("REDIS_URL", "redis://real")


def test_the_procfile_names_the_processes_of_production():
    assert set(procfile()) == {"web", "worker", "beat", "drop"}


@pytest.mark.parametrize(
    ("process", "database", "private"),
    [
        ("web", "a", "0"),
        ("api", "a", "0"),
        ("drop", "a", "0"),
        ("worker", "w", "1"),
        ("beat", "w", "1"),
        ("owner", "o", "1"),
    ],
)
def test_each_process_gets_its_role(tmp_path, process, database, private):
    env = NOWHERE.environment(process, var=tmp_path)

    assert (env["DATABASE_URL"], env["VAULT_MONEY_PRIVATE"]) == (database, private)


def test_no_process_is_told_the_owners_database(tmp_path, without_servers):
    assert "OWNER_DATABASE_URL" not in NOWHERE.environment("web", var=tmp_path)


def test_a_real_database_needs_its_owner_too(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql:///real")
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)

    with pytest.raises(SystemExit, match="OWNER_DATABASE_URL"):
        real_database()


def test_the_secret_key_is_made_once_and_private(tmp_path):
    make_secret_key(tmp_path)
    first = (tmp_path / "keys/secret_key").read_text()
    make_secret_key(tmp_path)

    assert (tmp_path / "keys/secret_key").read_text() == first
    assert (tmp_path / "keys/secret_key").stat().st_mode & 0o777 == 0o600


def test_a_process_that_was_killed_is_started_again(stack):
    made = stack("import time; time.sleep(60)")
    made.start()
    first = made.running["worker"]
    first.kill()
    first.wait()

    assert made.revive() == ["worker"]
    assert made.running["worker"].poll() is None
    made.stop(hurry=True)


def test_a_process_that_keeps_ending_is_given_up_with_the_end_of_its_log(stack):
    made = stack("print('no bank'); raise SystemExit(3)")
    made.start()
    for _ in range(TRIES - 1):
        made.running["worker"].wait()
        assert made.revive() == ["worker"]
    made.running["worker"].wait()

    with pytest.raises(GaveUp, match="no bank"):
        made.revive()


def test_a_process_that_does_not_stop_is_killed_and_named(stack):
    made = stack(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('up', flush=True); time.sleep(60)"
    )
    made.start()
    while "up" not in children.tail(made.log("worker")):
        pass

    assert made.stop(hurry=True) == ["worker"]


def test_stopping_ends_the_children_of_a_process_too(tmp_path):
    child = children.start(
        ["sh", "-c", "sleep 60 & echo $!; trap '' TERM; wait; wait"],
        log=tmp_path / "log",
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
    )
    while not children.tail(tmp_path / "log"):
        pass
    grandchild = int(children.tail(tmp_path / "log"))

    children.stop(child, by=signal.SIGTERM, grace=0.1)

    # The kernel may take a moment to carry out a kill.
    end = time.monotonic() + 10
    while lives(grandchild) and time.monotonic() < end:
        pass
    assert not lives(grandchild)


def lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_servers_have_one_owner(tmp_path, without_servers):
    with (
        owned(tmp_path, by="bin/run", guests_first=False),
        pytest.raises(Busy, match="bin/run"),
        owned(tmp_path, by="bin/manage", guests_first=False),
    ):
        pass


def test_a_second_command_joins_the_running_servers(tmp_path, without_servers):
    with owned(tmp_path, by="bin/run", guests_first=False) as servers:
        told = json.loads((tmp_path / "servers.json").read_text())
        with borrowed(tmp_path) as where:
            assert where == servers.addresses == Addresses(**told)
    assert not (tmp_path / "servers.json").exists()


def test_a_taken_port_is_not_taken_twice(tmp_path):
    code = (
        "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
        "print(s.getsockname()[1], flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        port = int(other.stdout.readline())
        assert listens(port)
        assert free_port(port) != port
        other.kill()


def test_valkey_answers_and_stops(tmp_path):
    valkey = Valkey(tmp_path, durable=False)
    valkey.start(tmp_path / "log")
    assert valkey.answers()

    valkey.stop()

    assert not valkey.answers()


def test_the_prepared_database_is_another_one_when_a_migrations_module_changes(
    tmp_path, monkeypatch
):
    package = tmp_path / "housing_ach"
    (package / "rent/migrations").mkdir(parents=True)
    (package / "rent/migrations/0001_initial.py").write_text(
        "from housing_ach.rent.triggers import SQL\n"
    )
    (package / "rent/triggers.py").write_text("SQL = 1\n")
    (package / "rent/views.py").write_text("")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/roles.sql").touch()
    (tmp_path / "requirements.txt").touch()
    monkeypatch.setattr(prepared, "BASE", tmp_path)
    before = prepared.fingerprint()

    (package / "rent/views.py").write_text("# nothing a migration imports")
    assert prepared.fingerprint() == before
    (package / "rent/triggers.py").write_text("SQL = 2\n")
    assert prepared.fingerprint() != before
