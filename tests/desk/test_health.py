import pytest
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from housing_ach.shared import pdf

pytestmark = pytest.mark.django_db


def test_it_answers_without_asking_any_server(client: Client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.json() == {"status": "ok"}


def test_it_is_ready_when_everything_answers(client: Client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "documents": pdf.trouble() or "ok",
    }


def test_a_lost_broker_only_degrades(client: Client):
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["broker"].startswith("does not answer")


def test_a_database_that_cannot_be_written_is_not_ready(client: Client):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "is read-only"


def test_a_missing_migration_is_not_ready(client: Client, database):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'cases'")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "not applied" in answer.json()["checks"]["migrations"]
