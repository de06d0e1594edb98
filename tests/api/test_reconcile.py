"""A program brings the day's settlement file: kept at once, compared by the worker, told line by line."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client as Browser

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.clock import services as clock
from housing_ach.reconciliation import tasks
from housing_ach.reconciliation.models import Line, Reconciliation
from housing_ach.reconciliation.services import MOST_BYTES, content_of
from housing_ach.users.states import Scope
from housing_ach.vault.models import Secret
from tests.api.programs import V1, Program
from tests.batches.town import THURSDAY, TUESDAY, WEDNESDAY, morning
from tests.reconciliation.files import csv_of, json_of, settled
from tests.returns.letters import about, render
from tests.returns.post import only_entry, send, settle

JSON_LINES = "application/x-ndjson"
LINE = {"trace": "0" * 15, "amount": 100, "status": "settled", "on": "2026-03-03"}
NUMBER = "9900123456"


@pytest.fixture
def program(db):
    clock.start(morning(WEDNESDAY))
    return Program(Scope.RECON)


@pytest.fixture
def entry(town):
    town.debit()
    settle(town, send(town))
    return only_entry()


def put(program, content, *, kind=JSON_LINES, key="", **headers):
    named = {"Idempotency-Key": key or uuid4().hex}
    return Browser().put(
        V1 + "ach/reconcile",
        content,
        content_type=kind,
        headers=program.headers | named | headers,
    )


def result(program, answer, query=""):
    tasks.apply_received()
    return program.get(answer["Location"] + query).json()


def test_a_file_is_taken_at_once_and_compared_afterwards(program, entry):
    answer = put(program, json_of(settled(entry)))

    told = answer.json()
    assert (answer.status_code, told["object"], told["status"]) == (
        202,
        "reconciliation",
        "received",
    )
    assert answer["Location"] == f"/api/v1/ach/reconcile/{told['id']}"
    assert told["livemode"] is False
    done = result(program, answer)
    assert (done["status"], done["id"], done["sha256"]) == ("applied", told["id"], told["sha256"])
    assert done["totals"] == {
        "lines": 1,
        "amount": entry.cents,
        "matched": 1,
        "tentative": 0,
        "contradicted": 0,
        "unknown": 0,
    }
    assert done["lines"]["data"] == [
        {
            "line": 1,
            "fate": "matched",
            "message": "",
            "trace": entry.trace,
            "payment": str(entry.payment_id),
            "order": str(entry.payment.order_id),
            "external_id": None,
            "amount": entry.cents,
            "status": "settled",
            "code": None,
            "on": str(TUESDAY),
            "case": None,
        }
    ]


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("text/csv", lambda entry: csv_of(settled(entry))),
        ("text/csv; charset=utf-8", lambda entry: csv_of(settled(entry))),
        ("text/plain", lambda entry: render([about(entry, "R01")], on=THURSDAY)),
        ("application/octet-stream", lambda entry: render([about(entry, "R01")], on=THURSDAY)),
    ],
)
def test_each_form_is_told_apart(program, entry, kind, write):
    answer = put(program, write(entry), kind=kind)

    done = result(program, answer)
    assert (done["status"], done["totals"]["lines"]) == ("applied", 1)
    assert done["lines"]["data"][0]["trace"] == entry.trace


def test_a_bad_file_is_set_aside_with_the_numbers_of_its_lines(program):
    answer = put(program, json_of(LINE, LINE | {"trace": NUMBER, "amount": NUMBER}))

    done = result(program, answer)

    assert (done["status"], done["error_count"]) == ("quarantined", 2)
    assert {error["line"] for error in done["errors"]} == {2}
    assert {error["field"] for error in done["errors"]} == {"trace", "amount"}
    assert NUMBER not in json.dumps(done)
    assert done["lines"]["data"] == []


def test_the_same_bytes_are_the_same_result_under_any_key(program):
    first = put(program, json_of(LINE), key="the-first-key")
    tasks.apply_received()
    again = put(program, json_of(LINE), key="the-first-key")
    later = put(program, json_of(LINE))

    assert (again["Idempotent-Replayed"], again.json()) == ("true", first.json())
    assert (later.json()["id"], later.json()["status"]) == (first.json()["id"], "applied")
    assert Reconciliation.objects.count() == Line.objects.count() == 1
    assert Event.objects.filter(kind="reconciliation.received").count() == 1


def test_the_same_bytes_of_another_program_are_its_own(program):
    other = Program(Scope.RECON)

    mine, theirs = put(program, json_of(LINE)), put(other, json_of(LINE))

    assert mine.json()["id"] != theirs.json()["id"]
    assert other.get(mine["Location"]).status_code == 404


def test_its_lines_are_a_page(program):
    lines = [LINE | {"trace": f"{number:015}"} for number in range(1, 6)]
    answer = put(program, json_of(*lines))

    first = result(program, answer, "?limit=3")["lines"]
    rest = program.get(f"{answer['Location']}?cursor={first['next_cursor']}").json()["lines"]

    assert [row["line"] for row in first["data"] + rest["data"]] == [1, 2, 3, 4, 5]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert {row["case"] for row in rest["data"]} == {str(Case.objects.get().pk)}


@pytest.mark.parametrize("kind", ["text/plain", JSON_LINES, "text/csv"])
def test_a_bai2_file_comes_later(program, kind):
    answer = put(program, b"01,122099999,123456789,260303,0800,1,80,,2/\n", kind=kind)

    assert answer.status_code == 415
    assert answer.json()["type"] == "/problems/unsupported-media-type"
    assert "BAI2" in answer.json()["detail"]
    assert not Reconciliation.objects.exists()


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/png"])
def test_another_type_is_refused(program, kind):
    assert put(program, json_of(LINE), kind=kind).status_code == 415


def test_an_empty_body_is_refused(program):
    assert put(program, b"").status_code == 400


def test_what_is_too_long_is_refused_before_it_is_read(program):
    answer = put(program, b"x" * (MOST_BYTES + 1))

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert not Reconciliation.objects.exists()


def test_more_than_other_requests_may_hold_is_taken(program):
    lines = json_of(*[LINE | {"trace": f"{number:015}"} for number in range(40_000)])

    answer = put(program, lines)

    assert (answer.status_code, len(lines) > 2_621_440) == (202, True)
    assert result(program, answer, "?limit=1")["totals"]["unknown"] == 40_000


def test_a_key_is_needed(program):
    answer = put(program, json_of(LINE), **{"Idempotency-Key": ""})

    assert answer.status_code == 422
    assert not Reconciliation.objects.exists()


def test_it_needs_its_own_scope(program):
    reader = Program(Scope.READ, Scope.WRITE)
    answer = put(program, json_of(LINE))

    assert put(reader, json_of(LINE)).status_code == 403
    assert reader.get(answer["Location"]).status_code == 403


def test_the_bytes_are_sealed(program):
    put(program, json_of(LINE))

    row = Reconciliation.objects.get()
    assert content_of(row) == json_of(LINE)
    assert json_of(LINE) not in bytes(Secret.objects.get(token=row.sealed).sealed)


def test_twenty_at_once_are_one(committed_db):
    clock.start(morning(WEDNESDAY))
    program = Program(Scope.RECON)

    def alone(_):
        try:
            return put(program, json_of(LINE))
        finally:
            connections.close_all()

    with committed_db.acting_as("app"), ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(alone, range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Reconciliation.objects.count() == 1
