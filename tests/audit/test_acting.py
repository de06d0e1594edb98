from contextlib import suppress

import pytest
from celery import Celery
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection, transaction

from housing_ach.audit.acting import acting, current_actor
from housing_ach.audit.commands import ActingCommand
from housing_ach.audit.models import Event
from housing_ach.audit.move import record
from housing_ach.audit.tasks_base import ActingTask


def last_actor():
    return Event.objects.latest("id").actor


def told():
    record("door.knocked", "audit_tests.door", 1)
    return last_actor()


class Broken(Exception):
    pass


def test_what_is_written_inside_is_the_actors_doing(db):
    with acting("user:7"):
        assert told() == current_actor() == "user:7"

    assert current_actor() == ""


def test_outside_it_is_the_databases_own_log_in(db):
    with acting("user:7"):
        pass

    assert told() == "db:hms_worker"


def test_acting_nests(db):
    with acting("command:simulate"), acting("user:7"):
        inner = told()
    with acting("command:simulate"):
        with acting("user:7"):
            pass
        outer = told()

    assert (inner, outer) == ("user:7", "command:simulate")


def test_an_error_ends_it(db):
    with pytest.raises(Broken), acting("user:7"):
        raise Broken

    assert told() == "db:hms_worker"


def test_a_rollback_inside_keeps_the_actor(committed_db):
    with acting("user:7"):
        with suppress(Broken), transaction.atomic():
            told()
            raise Broken
        assert told() == "user:7"


def test_a_failed_transaction_around_it_leaves_nobody_acting(committed_db):
    with pytest.raises(DatabaseError), transaction.atomic(), acting("user:7"):
        connection.cursor().execute("SELECT 1 / 0")

    assert told() == "db:hms_worker"


def test_a_failed_savepoint_around_it_restores_the_outer_actor(committed_db):
    with acting("user:1"), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic(), acting("user:7"):
            connection.cursor().execute("SELECT 1 / 0")
        assert told() == "user:1"


def test_raw_sql_from_another_log_in_leaves_its_name(committed_db):
    with committed_db.connect("superuser") as other:
        other.execute(
            "INSERT INTO audit_event (kind, subject, subject_id, was, became, data)"
            " VALUES ('x', 'y', '', '', '', '{}')"
        )

    assert last_actor() == "db:postgres"


def test_a_command_acts_under_its_name(db):
    class Command(ActingCommand):
        def handle(self, **options):
            self.stdout.write(told())

    assert issubclass(Command, BaseCommand)
    Command().execute(force_color=False, no_color=True, stdout=None, stderr=None, skip_checks=True)

    assert last_actor() == "command:test_acting"


def test_a_task_acts_under_its_name(db):
    app = Celery(task_cls=ActingTask, set_as_current=False)
    task = app.task(name="housing_ach.batches.tasks.send_files", shared=False)(told)

    assert task() == "worker:batches.send_files"


def test_what_a_request_does_carries_its_id(db):
    with acting("client:c_1", request_id="from-the-erp-17"):
        told()
        with acting("user:7"):
            told()
    told()

    asked = Event.objects.order_by("-id").values_list("request_id", flat=True)[:3]
    assert list(asked) == ["", "from-the-erp-17", "from-the-erp-17"]
