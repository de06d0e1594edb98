"""A worker killed by SIGKILL at each point: no debit or credit is lost, none is taken twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from housing_ach.batches.models import BankFile, Entry
from housing_ach.batches.services import recover
from housing_ach.batches.states import EntryStatus, FileStatus
from housing_ach.ledger.chart import DISBURSEMENTS_IN_TRANSIT
from housing_ach.payments.states import Direction
from tests.batches.town import AFTERNOON, Town, statuses

ROOT = Path(__file__).parents[2]
PAYERS, CREDITS = 3, 2


@pytest.fixture(scope="module")
def forge():
    """The process that forks workers; it learns nothing of the tests but what they tell it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.batches.worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


class Workers:
    def __init__(self, forge, town, database):
        self.forge = forge
        self.job = {
            "window": town.window.pk,
            "at": AFTERNOON.isoformat(),
            "database": database.name,
        }

    def ask(self, do, **given):
        self.forge.stdin.write(json.dumps({"do": do, **given}) + "\n")
        self.forge.stdin.flush()
        return json.loads(self.forge.stdout.readline())

    def start(self, failpoint=""):
        return self.ask("start", failpoint=failpoint, **self.job)["pid"]

    def wait(self, pid):
        return self.ask("wait", pid=pid)["code"]

    def work(self, failpoint=""):
        return self.wait(self.start(failpoint))


@pytest.fixture
def town(committed_db, bank) -> Town:
    town = Town.beside(bank)
    for _ in range(PAYERS):
        town.debit()
    town.micro_deposits()
    town.approved()
    return town


@pytest.fixture
def workers(forge, town, committed_db) -> Workers:
    return Workers(forge, town, committed_db)


def require_each_entry_once(town):
    expected = sorted((entry.individual_id, entry.cents) for entry in _live())
    assert len(expected) == PAYERS + CREDITS
    assert town.entries_taken() == expected
    assert statuses() == ["SENT"] * (PAYERS + CREDITS)
    assert town.in_transit() == PAYERS * 1000_00
    assert town.books()[DISBURSEMENTS_IN_TRANSIT] == -_credit_cents()
    assert BankFile.objects.get().status == FileStatus.PUBLISHED


def _live():
    return Entry.objects.filter(status=EntryStatus.SENT)


def _credit_cents():
    return sum(entry.cents for entry in _live().filter(batch__direction=Direction.CREDIT))


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
def test_a_killed_worker_neither_loses_nor_doubles_an_entry(town, workers, failpoint):
    assert workers.work(failpoint) == -signal.SIGKILL

    assert workers.work() == 0

    require_each_entry_once(town)


@pytest.mark.parametrize("failpoint", ["publish.renamed", "post.before_commit"])
def test_a_file_the_bank_took_before_we_knew_is_posted_and_not_sent_again(town, workers, failpoint):
    workers.work(failpoint)
    town.bank.tick(AFTERNOON)

    assert workers.work() == 0

    require_each_entry_once(town)


@pytest.mark.parametrize("second", ["publish.retracted", "publish.renamed", "post.before_commit"])
def test_a_second_kill_during_recovery_changes_nothing(town, workers, second):
    workers.work("publish.intended")
    assert workers.work(second) == -signal.SIGKILL

    assert workers.work() == 0

    require_each_entry_once(town)


@pytest.mark.parametrize("stalled_at", ["upload.started", "upload.written", "publish.intended"])
def test_a_worker_that_was_overtaken_is_fenced(town, workers, committed_db, stalled_at):
    """It stands still, loses its session and its lock, another one sends, the bank takes, it wakes."""
    sleeper = workers.start(f"{stalled_at}:stop")
    workers.ask("stopped", pid=sleeper)
    _end_its_session(committed_db)
    recover(at=AFTERNOON)
    town.bank.tick(AFTERNOON)

    os.kill(sleeper, signal.SIGCONT)
    workers.wait(sleeper)

    recover(at=AFTERNOON)
    require_each_entry_once(town)


def _end_its_session(database):
    with database.connect("superuser") as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_two_senders_at_once_send_one_file(town, workers):
    workers.work("freeze.committed")

    senders = [workers.start() for _ in range(2)]

    assert [workers.wait(pid) for pid in senders] == [0, 0]
    require_each_entry_once(town)
