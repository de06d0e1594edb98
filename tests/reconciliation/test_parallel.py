"""Files where workers die or work side by side: each is compared exactly once."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.reconciliation.models import Line, Reconciliation
from housing_ach.reconciliation.services import apply as applying
from housing_ach.reconciliation.services import apply_received, take
from housing_ach.reconciliation.states import Form, ReconciliationStatus
from housing_ach.users.states import Scope
from tests.api.calling import registered
from tests.reconciliation.files import AT, json_of

LINES = [
    {"trace": f"{number:015}", "amount": 100, "status": "settled", "on": "2026-03-03"}
    for number in range(5)
]
WORKERS = 4


@pytest.fixture
def received(committed_db):
    client, _ = registered(scopes=(Scope.RECON,))
    return take(client, Form.JSON_LINES, json_of(*LINES), at=AT)


def side_by_side():
    def alone(_):
        try:
            apply_received(at=AT)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(alone, range(WORKERS)))


def require_once():
    assert Reconciliation.objects.get().status == ReconciliationStatus.APPLIED
    assert Line.objects.count() == len(LINES)
    assert Case.objects.count() == 1
    assert Event.objects.filter(kind="reconciliation.applied").count() == 1


def test_a_worker_that_dies_half_way_leaves_nothing(committed_db, received):
    died = subprocess.run(
        [sys.executable, "-m", "tests.reconciliation.worker", "reconcile.compared"],
        env=committed_db.environment(),
        cwd=settings.BASE_DIR,
        check=False,
    ).returncode

    assert died == -signal.SIGKILL
    assert not Line.objects.exists()
    assert not Case.objects.exists()
    apply_received(at=AT)
    require_once()


def test_workers_side_by_side_compare_a_file_once(received):
    side_by_side()

    require_once()


def test_a_file_another_worker_has_is_left_to_it(received):
    with transaction.atomic():
        Reconciliation.objects.select_for_update().get()
        side_by_side()

    assert Reconciliation.objects.get().status == ReconciliationStatus.RECEIVED
    assert not Line.objects.exists()


def test_a_file_that_cannot_be_compared_holds_up_no_other(received, monkeypatch, caplog):
    other = take(received.client, Form.CSV, b"#", at=AT)

    def fail(_content):
        raise RuntimeError("a line of the file")

    monkeypatch.setitem(applying.READERS, Form.JSON_LINES, fail)

    apply_received(at=AT)

    other.refresh_from_db()
    assert other.status == ReconciliationStatus.QUARANTINED
    assert Reconciliation.objects.get(pk=received.pk).status == ReconciliationStatus.RECEIVED
    assert "a line of the file" not in caplog.text


@pytest.mark.parametrize("change", ["delete", "update"])
def test_what_was_said_is_never_changed(received, change):
    apply_received(at=AT)
    rows = Line.objects.all()

    with pytest.raises(DatabaseError):
        rows.delete() if change == "delete" else rows.update(cents=1)

    with pytest.raises(DatabaseError):
        Reconciliation.objects.update(sha256="")
