"""docs/reconciliation.md tells the truth: its files are read, its tables are those of the code."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from housing_ach.api.shown.reconciliation import reconciliation_of
from housing_ach.api.views.reconciliation import FORMS, ReconcileView
from housing_ach.reconciliation import csv_file, json_lines, returns_file
from housing_ach.reconciliation.claims import FIELDS
from housing_ach.reconciliation.services import MOST_BYTES
from housing_ach.reconciliation.states import Fate, Form, ReconciliationStatus
from tests.reconciliation.files import json_of, told

PAGE = (Path(settings.BASE_DIR) / "docs/reconciliation.md").read_text()
READERS = {"json": json_lines.read, "csv": csv_file.read, "text": returns_file.read}


def examples(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


def first_column(head):
    table = PAGE.split(f"| {head} |")[1].split("\n\n")[0]
    return set(re.findall(r"^\| `([^|]+)` \|", table, re.M))


@pytest.mark.parametrize(("kind", "lines"), [("json", 3), ("csv", 3), ("text", 1)])
def test_each_example_is_read(kind, lines):
    claims = READERS[kind](examples(kind)[0].encode())

    assert len(claims) == lines
    assert ("091000010000002", "RETURNED", "R01", 98050) in {
        (claim.name, claim.said, claim.code, claim.cents) for claim in claims
    }


def test_json_and_csv_say_the_same():
    def said(kind):
        return [claim[1:] for claim in READERS[kind](examples(kind)[0].encode())]

    assert said("json") == said("csv")


def test_the_answer_is_told_field_by_field(db):
    answer = json.loads(examples("json")[1])
    row = told(json_of({"trace": "0" * 15, "amount": 1, "status": "settled", "on": "2026-03-03"}))

    assert set(answer) == {*reconciliation_of(row), "lines"}
    assert set(answer["totals"]) == set(reconciliation_of(row)["totals"])


def test_the_tables_are_those_of_the_code():
    kinds = first_column("`Content-Type` | is")
    assert first_column("field | is") == set(FIELDS)
    assert first_column("`fate` | means | a case") == {fate.lower() for fate in Fate}
    assert {kind for cell in kinds for kind in cell.split("`, `")} == {
        parser.media_type for parser in ReconcileView.parser_classes
    }
    assert set(FORMS.values()) | {Form.NACHA} == set(Form)
    assert set(re.findall(r"^- `([a-z]+)`:", PAGE, re.M)) == {
        status.lower() for status in ReconciliationStatus
    }
    assert f"{MOST_BYTES:,} bytes" in PAGE
