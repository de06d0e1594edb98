"""Dropped files where processes die or work side by side: each is applied exactly once."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections, transaction

from housing_ach.api.drop.apply import apply_waiting
from housing_ach.api.drop.store import content_of, take
from housing_ach.api.models import Drop, DroppedFile
from housing_ach.api.states import DropStatus
from housing_ach.audit.models import Event
from housing_ach.clock import services as clock
from housing_ach.payments.models import Order, Submission
from housing_ach.users.states import Scope
from tests.api.calling import registered
from tests.api.dropping import ack, csv_of, row_of
from tests.factories import AT, MandateFactory
from tests.payments.story import owe

WORKERS = 4


@pytest.fixture
def rows(committed_db):
    clock.start(AT)
    mandates = [MandateFactory() for _ in range(3)]
    for mandate in mandates:
        owe(mandate.lease)
    return [row_of(mandate) for mandate in mandates]


@pytest.fixture
def client(rows):
    return registered(scopes=(Scope.WRITE,))[0]


def process(database, *arguments, content=b""):
    return subprocess.run(
        [sys.executable, "-m", "tests.api.dropping_worker", *arguments],
        env=database.environment(),
        cwd=settings.BASE_DIR,
        input=content,
        check=False,
    ).returncode


def require_once(client, rows):
    assert [row["fate"] for row in ack(client, "march.csv").rows] == ["ACCEPTED"] * len(rows)
    assert Order.objects.count() == len(rows)
    assert Submission.objects.count() == DroppedFile.objects.count() == 1
    assert Event.objects.filter(kind="file.applied").count() == 1


def test_a_file_outlives_who_took_it(committed_db, client, rows):
    died = process(committed_db, "drop.stored", client.client_id, content=csv_of(rows))

    file = DroppedFile.objects.get()
    assert died == -signal.SIGKILL
    assert (file.status, content_of(file)) == (DropStatus.RECEIVED, csv_of(rows))
    apply_waiting(at=AT)
    require_once(client, rows)


def test_a_worker_that_dies_leaves_nothing_half_done(committed_db, client, rows):
    take(client.client_id, "march.csv", csv_of(rows), at=AT)

    died = process(committed_db, "drop.submitted")

    assert died == -signal.SIGKILL
    assert not Order.objects.exists()
    assert not Submission.objects.exists()
    apply_waiting(at=AT)
    require_once(client, rows)


def side_by_side(do):
    def alone(number):
        try:
            do(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(alone, range(WORKERS)))


def test_workers_side_by_side_apply_a_file_once(client, rows):
    take(client.client_id, "march.csv", csv_of(rows), at=AT)

    side_by_side(lambda _: apply_waiting(at=AT))

    require_once(client, rows)


def test_a_file_another_worker_has_is_left_to_it(client, rows):
    file = take(client.client_id, "march.csv", csv_of(rows), at=AT)

    with transaction.atomic():
        DroppedFile.objects.select_for_update().get(pk=file.pk)
        side_by_side(lambda _: apply_waiting(at=AT))

    assert not Order.objects.exists()


def test_the_same_bytes_at_once_are_one_file(client, rows):
    side_by_side(lambda n: take(client.client_id, f"march-{n}.csv", csv_of(rows), at=AT))
    apply_waiting(at=AT)

    assert DroppedFile.objects.count() == 1
    assert Drop.objects.count() == WORKERS
    assert {tuple(ack(client, f"march-{n}.csv").fates) for n in range(WORKERS)} == {
        ("ACCEPTED",) * len(rows)
    }


def test_the_same_rows_in_other_files_are_asked_for_once(client, rows):
    for number in range(WORKERS):
        mixed = rows[number % 3 :] + rows[: number % 3]
        take(client.client_id, f"{number}.csv", csv_of(mixed) + b"\n" * number, at=AT)

    side_by_side(lambda _: apply_waiting(at=AT))

    assert Order.objects.count() == len(rows)
    fates = [fate for number in range(WORKERS) for fate in ack(client, f"{number}.csv").fates]
    assert sorted(fates) == ["ACCEPTED"] * 3 + ["KNOWN"] * 9
