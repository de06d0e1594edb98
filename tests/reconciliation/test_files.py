"""Each way a file is written: read whole, or set aside with a word about every line."""

import json

import pytest

from housing_ach.cases.models import Case
from housing_ach.reconciliation.models import Line
from housing_ach.reconciliation.states import Form, ReconciliationStatus
from tests.batches.town import THURSDAY
from tests.reconciliation.files import csv_of, errors, fates, json_of, returned, settled, told
from tests.returns.letters import about, render
from tests.returns.post import only_entry

QUARANTINED = ReconciliationStatus.QUARANTINED
GOOD = {"trace": "0" * 15, "amount": 100, "status": "settled", "on": "2026-03-03"}
NUMBER = "9900123456"


@pytest.mark.parametrize("form", ["JSON_LINES", "CSV"])
def test_lines_are_numbered_as_in_the_file(settled_town, form):
    entry = only_entry()
    lines = [settled(entry), returned(entry, payment="")]
    write = {"JSON_LINES": json_of, "CSV": csv_of}[form]
    lines[1].pop("payment")

    row = told(write(*lines), Form(form))

    numbers = list(Line.objects.order_by("number").values_list("number", "said", "code"))
    first = {"JSON_LINES": 1, "CSV": 2}[form]
    assert numbers == [(first, "SETTLED", ""), (first + 1, "RETURNED", "R01")]
    assert (row.line_count, row.cents) == (2, 2 * entry.cents)


@pytest.mark.parametrize(
    ("control", "is_good"), [((1, 100), True), ((2, 100), False), ((1, 101), False)]
)
@pytest.mark.parametrize("form", ["JSON_LINES", "CSV"])
def test_a_control_is_believed_only_where_it_agrees(db, form, control, is_good):
    if form == "CSV":
        content = csv_of(GOOD, control=control)
    else:
        content = json_of(GOOD, control={"count": control[0], "amount": control[1]})

    row = told(content, Form(form))

    assert (row.status == "APPLIED") == is_good
    assert errors(row) == ([] if is_good else [({"CSV": 3, "JSON_LINES": 2}[form], "control")])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"account_number": NUMBER}, ""),
        ({"amount": "100"}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 10**15}, "amount"),
        ({"status": "Settled"}, "status"),
        ({"status": ["settled"]}, "status"),
        ({"status": "returned"}, "code"),
        ({"status": "returned", "code": "R1"}, "code"),
        ({"status": "returned", "code": "R61"}, "code"),
        ({"status": "returned", "code": ["R01"]}, "code"),
        ({"code": "R01"}, "code"),
        ({"on": "2026-02-30"}, "on"),
        ({"on": "20260303"}, "on"),
        ({"on": 20260303}, "on"),
        ({"trace": "1" * 14}, "trace"),
        ({"trace": 10**14}, "trace"),
        ({"payment": "7"}, "trace"),
    ],
)
def test_one_bad_line_sets_the_whole_file_aside(db, change, field):
    other = GOOD | {"trace": "1" * 15}

    row = told(json_of(other, GOOD | change))

    assert (row.status, errors(row)) == (QUARANTINED, [(2, field)])
    assert not Line.objects.exists()
    assert not Case.objects.exists()
    assert NUMBER not in json.dumps(row.errors)


@pytest.mark.parametrize("missing", ["trace", "amount", "status", "on"])
def test_a_line_that_lacks_something_is_a_fault(db, missing):
    line = {name: value for name, value in GOOD.items() if name != missing}

    assert errors(told(json_of(line))) == [(1, missing)]


def test_every_bad_line_is_told(db):
    row = told(json_of(*[GOOD | {"amount": "x"}] * 120))

    assert (row.error_count, len(row.errors)) == (120, 100)
    assert errors(row)[-1] == (100, "amount")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (json_of(GOOD)[:-9], 1),
        (b"[]\n", 1),
        (b"\n" + json_of(GOOD), 1),
        (b'{"on": 1, "on": 2}\n', 1),
        (b"[" * 100_000, 1),
        (json_of(GOOD) + b"\xff\n", 2),
        (json_of(GOOD, GOOD), 2),
        (json_of(GOOD, control={"count": 1, "amount": 100}) + json_of(GOOD), 3),
        (json_of(GOOD) + b'{"control": {"count": 1}}\n', 2),
        (b" \n", 1),
    ],
    ids=["half", "list", "blank", "twice", "deep", "bytes", "same", "after", "control", "empty"],
)
def test_json_that_is_no_line_is_a_fault(db, content, line):
    row = told(content)

    assert row.status == QUARANTINED
    assert row.errors[0]["line"] == line


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (csv_of(GOOD).replace(b"external_id", b"account"), 1),
        (csv_of(GOOD).replace(b"external_id", b"payment"), 1),
        (csv_of(GOOD).replace(b"amount", b"code"), 1),
        (csv_of(GOOD) + b"1,2\n", 3),
        (csv_of(GOOD) + b'"1,2\n', 3),
        (csv_of(GOOD) + b"\n", 3),
        (csv_of(GOOD, control=("x", 1)), 3),
        (csv_of(GOOD)[:-12], 2),
        (csv_of(), 0),
        (b"\0", 0),
    ],
    ids=["column", "twice", "missing", "cells", "quote", "blank", "control", "half", "none", "nul"],
)
def test_csv_that_is_no_row_is_a_fault(db, content, line):
    row = told(content, Form.CSV)

    assert row.status == QUARANTINED
    assert row.errors[0]["line"] == line


class TestAReturnFile:
    def test_that_is_cut_short_is_set_aside(self, settled_town):
        content = render([about(only_entry(), "R01")], on=THURSDAY)

        row = told(content[: len(content) // 2], Form.NACHA)

        assert (row.status, row.error_count > 0) == (QUARANTINED, True)
        assert NUMBER not in json.dumps(row.errors)
        assert not Line.objects.exists()

    def test_that_holds_an_answer_to_a_return_is_set_aside(self, settled_town):
        letters = [about(only_entry(), "R01"), about(only_entry(), "R61", number=2, data="")]

        row = told(render(letters, on=THURSDAY), Form.NACHA)

        assert row.status == QUARANTINED
        assert not Line.objects.exists()

    def test_leaves_out_corrections(self, settled_town):
        letters = [about(only_entry(), "R01"), about(only_entry(), "C01", number=2, data=NUMBER)]

        row = told(render(letters, on=THURSDAY), Form.NACHA)

        assert (row.status, fates(row)) == ("APPLIED", ["TENTATIVE"])
