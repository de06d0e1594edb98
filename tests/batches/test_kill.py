"""A worker killed by SIGKILL at each point: no debit is lost, none is taken twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from housing_ach.batches.models import BankFile, Entry
from housing_ach.batches.services import recover
from housing_ach.batches.states import EntryStatus, FileStatus
from tests.batches.town import AFTERNOON, Town, statuses

ROOT = Path(__file__).parents[2]
PAYERS = 3


@pytest.fixture
def town(committed_db, bank) -> Town:
    town = Town.beside(bank)
    for _ in range(PAYERS):
        town.debit()
    town.approved()
    connection.commit()
    return town


def start(town, database, failpoint=""):
    command = [
        sys.executable,
        "-m",
        "tests.batches.worker",
        str(town.window.pk),
        AFTERNOON.isoformat(),
    ]
    given = os.environ | database.environment() | {"FAILPOINT": failpoint}
    return subprocess.Popen(
        command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def work(town, database, failpoint=""):
    process = start(town, database, failpoint)
    output = process.communicate(timeout=60)[0]
    assert process.returncode in {0, -signal.SIGKILL}, output
    return process.returncode


def require_each_debit_once(town):
    expected = sorted((entry.individual_id, entry.cents) for entry in _live())
    assert len(expected) == PAYERS
    assert town.debits_taken() == expected
    assert statuses() == ["SENT"] * PAYERS
    assert town.in_transit() == sum(cents for _, cents in expected)
    assert BankFile.objects.get().status == FileStatus.PUBLISHED


def _live():
    return Entry.objects.filter(status=EntryStatus.SENT)


KILLED_AT = (
    "freeze.before_commit",
    "freeze.committed",
    "upload.started",
    "upload.written",
    "publish.intended",
    "publish.renamed",
    "post.before_commit",
    "post.committed",
)


@pytest.mark.parametrize("failpoint", KILLED_AT)
def test_a_killed_worker_neither_loses_nor_doubles_a_debit(town, committed_db, failpoint):
    assert work(town, committed_db, failpoint) == -signal.SIGKILL

    assert work(town, committed_db) == 0

    require_each_debit_once(town)


@pytest.mark.parametrize("failpoint", ["publish.renamed", "post.before_commit"])
def test_a_file_the_bank_took_before_we_knew_is_posted_and_not_sent_again(
    town, committed_db, failpoint
):
    work(town, committed_db, failpoint)
    town.bank.tick(AFTERNOON)

    assert work(town, committed_db) == 0

    require_each_debit_once(town)


@pytest.mark.parametrize("second", ["publish.retracted", "publish.renamed", "post.before_commit"])
def test_a_second_kill_during_recovery_changes_nothing(town, committed_db, second):
    work(town, committed_db, "publish.intended")
    assert work(town, committed_db, second) == -signal.SIGKILL

    assert work(town, committed_db) == 0

    require_each_debit_once(town)


@pytest.mark.parametrize("stalled_at", ["upload.started", "upload.written", "publish.intended"])
def test_a_worker_that_was_overtaken_is_fenced(town, committed_db, stalled_at):
    """It stands still, loses its session and its lock, another one sends, the bank takes, it wakes."""
    sleeper = start(town, committed_db, f"{stalled_at}:stop")
    os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED | os.WNOWAIT)
    _end_its_session(committed_db)
    recover(at=AFTERNOON)
    town.bank.tick(AFTERNOON)

    os.kill(sleeper.pid, signal.SIGCONT)
    sleeper.communicate(timeout=60)

    recover(at=AFTERNOON)
    require_each_debit_once(town)


def _end_its_session(database):
    with database.connect("superuser") as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_two_senders_at_once_send_one_file(town, committed_db):
    work(town, committed_db, "freeze.committed")

    senders = [start(town, committed_db) for _ in range(2)]
    for sender in senders:
        assert sender.wait(timeout=60) == 0, sender.communicate()[0]

    require_each_debit_once(town)
