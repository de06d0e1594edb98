from datetime import date

import pytest
from django.db import connection

from housing_ach.clock.models import Run
from housing_ach.clock.services import claim, claimed, finish

ON = date(2026, 3, 2)
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('autopay|2026-03-02|', 1))"


class Died(Exception):
    pass


def run(window=""):
    with claimed("autopay", on=ON, window=window) as mine:
        return mine


def fail():
    with claimed("autopay", on=ON):
        raise Died


def test_a_run_is_claimed_by_one_caller(db):
    assert claim("autopay", ON)
    assert not claim("autopay", ON)


def test_another_date_window_or_job_is_another_run(db):
    claim("autopay", ON)

    assert claim("autopay", date(2026, 3, 3))
    assert claim("autopay", ON, "15:00")
    assert claim("charges", ON)


def test_a_finished_run_says_when(db):
    claim("autopay", ON)

    finish("autopay", ON)

    assert Run.objects.get().finished_at >= Run.objects.get().started_at


def test_work_is_done_once(db):
    assert [run(), run(), run("15:00")] == [True, False, True]
    assert not Run.objects.filter(finished_at=None).exists()


def test_failed_work_is_done_again(db):
    with pytest.raises(Died):
        fail()

    assert Run.objects.get().finished_at is None
    assert [run(), run()] == [True, False]


def test_two_never_work_at_the_same_time(committed_db):
    with claimed("autopay", on=ON) as mine, committed_db.connect() as other:
        assert mine
        assert other.execute(LOCK).fetchone() == (False,)

    with committed_db.connect() as other:
        assert other.execute(LOCK).fetchone() == (True,)
        assert not run()


def test_the_run_of_a_worker_that_died_is_taken_over(committed_db):
    with committed_db.connect() as other:
        other.execute(
            "INSERT INTO clock_run (job, \"on\", \"window\") VALUES ('autopay', %s, '')", [ON]
        )
        other.execute(LOCK)
        assert not run()
    # The server notices a moment later that a connection has gone.
    with committed_db.connect() as other:
        other.execute(LOCK.replace("pg_try_advisory_lock", "pg_advisory_xact_lock"))

    assert run()


def test_no_lock_is_left_behind(db):
    run()
    with pytest.raises(Died), claimed("charges", on=ON):
        raise Died

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)
