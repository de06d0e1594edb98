"""Several processes at once, or one that is killed: every return is applied exactly once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections

from housing_ach.batches.models import BankFile, Entry, Evidence
from housing_ach.batches.states import EntryStatus, EvidenceKind, FileStatus
from housing_ach.ledger.chart import BANK, RENT_INCOME, RETURNS_TO_BE_CHARGED, TENANT_RECEIVABLE
from housing_ach.payments.models import Payment
from housing_ach.returns.models import Correction, Return
from housing_ach.returns.services import apply_received
from tests.batches.town import Town, morning
from tests.returns.letters import about, render
from tests.returns.post import RETURNED_ON, cases, fetched, send, settle

AT = morning(RETURNED_ON)
PAYERS = 6
WORKERS = 4
# One process that sets Django up, and forks a worker for each point at which it is to die.
WORK = """
import django, os, sys
django.setup()
from datetime import datetime
from django.conf import settings
from housing_ach.returns.services import apply_received
for settings.FAILPOINT in sys.argv[2:]:
    worker = os.fork()
    if not worker:
        apply_received(at=datetime.fromisoformat(sys.argv[1]))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]), flush=True)
"""


@pytest.fixture
def town(committed_db, quiet_town) -> Town:
    return quiet_town()


@pytest.fixture
def entries(town: Town) -> list[Entry]:
    for _ in range(PAYERS):
        town.debit()
    settle(town, send(town))
    return list(Entry.objects.select_related("account_version").order_by("pk"))


def require_each_return_once(town: Town) -> None:
    assert Return.objects.filter(entry__isnull=False).count() == PAYERS
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.RETURNED}
    assert set(Payment.objects.values_list("retries", flat=True)) == {1}
    assert town.books() == {
        BANK: PAYERS * 1000_00,
        RETURNS_TO_BE_CHARGED: -PAYERS * 1000_00,
        TENANT_RECEIVABLE: PAYERS * 1000_00,
        RENT_INCOME: -PAYERS * 1000_00,
    }


def test_workers_side_by_side_apply_overlapping_files_once(town: Town, entries: list[Entry]):
    letters = [about(entry, "R01", number=n) for n, entry in enumerate(entries, start=1)]
    fix = about(entries[0], "C02", data="323232322", number=90)
    for modifier, some in (("A", letters[:4]), ("B", letters[2:]), ("C", [fix]), ("D", [fix])):
        fetched(town, render(some, on=RETURNED_ON, modifier=modifier), at=AT)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))

    require_each_return_once(town)
    assert Correction.objects.count() == 1
    assert set(BankFile.objects.filter(kind="RETURNS").values_list("status", flat=True)) == {
        FileStatus.APPLIED
    }
    assert Evidence.objects.filter(kind=EvidenceKind.RETURNS_READ).count() == 2
    assert [kind for kind, _ in cases()] == ["DUPLICATE_RETURN"] * 2


def work(_number: int) -> None:
    try:
        apply_received(at=AT)
    finally:
        connections.close_all()


def test_workers_killed_one_after_the_other_leave_the_rest_to_the_next(
    committed_db, town: Town, entries: list[Entry]
):
    letters = [about(entry, "R01", number=n) for n, entry in enumerate(entries, start=1)]
    file = fetched(town, render(letters, on=RETURNED_ON), at=AT)

    points = ["returns.taken_back", "returns.recorded", "returns.applied"]
    killed = subprocess.run(
        [sys.executable, "-c", WORK, AT.isoformat(), *points],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            **committed_db.environment(),
            "DJANGO_SETTINGS_MODULE": "housing_ach.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert killed.stdout.split() == [str(-signal.SIGKILL)] * len(points)
    file.refresh_from_db()
    assert file.status == FileStatus.RECEIVED

    apply_received(at=AT)

    file.refresh_from_db()
    assert file.status == FileStatus.APPLIED
    require_each_return_once(town)
    assert cases() == []
