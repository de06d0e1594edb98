"""What the other tests stand on."""

import subprocess
import sys
from threading import Thread

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from bin.stack.places import BASE

COUNT = "SELECT count(*) FROM django_content_type WHERE app_label = 'made_up'"


def role_and_database() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        role, database = cursor.fetchone()
    return role, database


def make(label: str) -> None:
    ContentType.objects.create(app_label="made_up", model=label)


def test_tests_run_as_the_worker(database):
    assert role_and_database() == ("hms_worker", database.name)


@pytest.mark.parametrize("time", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(committed_db, time):
    make("rent")

    assert ContentType.objects.filter(app_label="made_up").count() == 1


def test_a_committed_row_is_seen_by_other_connections(committed_db):
    make("rent")

    with committed_db.connect("app") as other:
        assert other.execute(COUNT).fetchone() == (1,)


def test_a_thread_works_in_the_same_database(committed_db):
    def in_thread() -> None:
        make("rent")
        connection.close()

    thread = Thread(target=in_thread)
    thread.start()
    thread.join()

    assert ContentType.objects.filter(app_label="made_up").count() == 1


def test_a_subprocess_works_in_the_same_database(committed_db):
    code = (
        "import django; django.setup();"
        "from django.contrib.contenttypes.models import ContentType as C;"
        "C.objects.create(app_label='made_up', model='rent')"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=BASE, env=committed_db.environment(), check=True
    )

    assert ContentType.objects.filter(app_label="made_up").count() == 1


def test_the_web_process_gets_its_own_role_and_no_private_money_key(committed_db):
    env = committed_db.environment("web")

    assert "hms_app@" in env["DATABASE_URL"]
    assert env["VAULT_MONEY_PRIVATE"] == "0"


def test_django_can_act_as_the_web_role_for_a_while(committed_db):
    with committed_db.acting_as("app"):
        inside, _ = role_and_database()
    after, _ = role_and_database()

    assert (inside, after) == ("hms_app", "hms_worker")


def test_the_worker_cannot_empty_a_table(database):
    with (
        database.connect() as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        other.execute("TRUNCATE django_content_type")
