"""Files made by others and files with one fault each: NACHA_SAMPLES names their folder."""

import csv
import os
from pathlib import Path

import pytest

from housing_ach.nacha import read
from tests.nacha.made import FAULTS

SAMPLES = os.environ.get("NACHA_SAMPLES", "")

# What each fault must be found as: rule, line, field.
FOUND = {
    "02-priority.ach": ("H01", 1, "priority"),
    "04-blockingfactor.ach": ("H09", 1, "blocking_factor"),
    "06-modifier-lower.ach": ("H07", 1, "file_id_modifier"),
    "08-dest-checkdigit.ach": ("H03", 1, "immediate_destination"),
    "10-eed-invalid.ach": ("B06", 2, "effective_date"),
    "14-scc-mismatch.ach": ("C02", 5, "service_class"),
    "16-amount-alpha.ach": ("E07", 3, "amount"),
    "18-prenote-nonzero.ach": ("E09", 3, "amount"),
    "20-trace-odfi.ach": ("E16", 3, "trace"),
    "22-trace-dup-across-batches.ach": ("E18", 7, "trace"),
    "24-trace-alpha.ach": ("E15", 4, "trace"),
    "26-addenda-not-indicated.ach": ("E13", 7, "addenda_indicator"),
    "28-addenda-seq-0.ach": ("A03", 8, "sequence"),
    "30-hash-file.ach": ("C14", 10, "entry_hash"),
    "32-count-file.ach": ("C13", 10, "entry_addenda_count"),
    "34-debit-file.ach": ("C15", 10, "total_debit"),
    "36-batchcount.ach": ("C11", 10, "batch_count"),
    "38-batchnum-order.ach": ("B12", 6, "batch_number"),
    "40-odfi-mismatch.ach": ("C08", 5, "odfi"),
    "42-sec-lower.ach": ("B04", 2, "sec_code"),
    "44-company-blank.ach": ("B02", 2, "company_name"),
    "46-acct-blank.ach": ("E06", 3, "account"),
    "48-utf8-name.ach": ("F11", 3, "name"),
    "50-reserved-fc.ach": ("C17", 10, "reserved"),
    "52-tel-credit.ach": ("E03", 7, "transaction_code"),
    "54-two-addenda-ccd.ach": ("A05", 9, "type_code"),
    "56-entry-outside-batch.ach": ("F12", 2, "record_type"),
    "58-missing-fc.ach": ("F14", 10, ""),
    "60-record-after-fc.ach": ("F18", 11, "record_type"),
    "62-tc-25.ach": ("E01", 3, "transaction_code"),
    "64-origstatus-0.ach": ("B09", 2, "originator_status"),
    "66-short-line.ach": ("F02", 1, ""),
    "68-amount-signed.ach": ("E07", 3, "amount"),
    "72-no-newlines.ach": ("F03", 1, ""),
    "74-cr.ach": ("F04", 1, ""),
    "76-bom.ach": ("F05", 1, ""),
    "78-ctrl-z.ach": ("F06", 11, ""),
}

# Valid to the codec of their makers, and why not to ours.
STRICTER = {
    "201805101354.ach": ({"E18"}, "its four batches use the same trace numbers"),
    "web-debit.ach": ({"E11"}, "its payment types are not left-justified"),
    "tel-debit.ach": ({"E11"}, "it names no payment type"),
    "contested-return.ach": ({"A05"}, "it carries three addenda where PPD allows one"),
    "iat-debit.ach": ({"B02", "B09", "B14", "C07"}, "international entries are refused"),
}


def _index(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as told:
        return list(csv.DictReader(told, delimiter="\t"))


FAULT_ROWS = _index(FAULTS / "index.tsv")
REAL = Path(SAMPLES) / "real"
REAL_ROWS = _index(REAL / "index.tsv") if SAMPLES else []


@pytest.mark.parametrize("row", FAULT_ROWS, ids=lambda row: row["file"])
def test_each_fault_gets_its_verdict(row):
    found = read((FAULTS / row["file"]).read_bytes())

    if row["expected"] == "clean":
        assert not found.issues.counts
    else:
        assert found.issues.counts
    assert bool(found.issues.errors) == (row["expected"] == "error" or "utf8" in row["file"])
    if row["expected"] == "readable":
        assert (found.batch_count, found.entry_count) == (2, 3)


@pytest.mark.parametrize(("name", "wanted"), FOUND.items(), ids=list(FOUND))
def test_the_finding_names_the_line_and_field_of_the_fault(name, wanted):
    found = read((FAULTS / name).read_bytes())

    assert wanted in {(issue.rule, issue.line, issue.field) for issue in found.issues}


def test_every_fault_is_looked_for():
    assert set(FOUND) == {row["file"] for row in FAULT_ROWS if row["expected"] != "clean"}


@pytest.mark.skipif(not SAMPLES, reason="NACHA_SAMPLES names no folder of files made by others")
class TestFilesOfOthers:
    @pytest.mark.parametrize("row", REAL_ROWS, ids=lambda row: row["file"])
    def test_valid_ones_read_the_same(self, row):
        found = read((REAL / row["file"]).read_bytes())

        if row["verdict"] == "valid":
            assert str(found.batch_count) == row["batches"]
            assert str(found.entry_count) == row["entries"]
            assert str(found.debit_cents) == row["debit_cents"]
            assert str(found.credit_cents) == row["credit_cents"]

    @pytest.mark.parametrize("row", REAL_ROWS, ids=lambda row: row["file"])
    def test_verdicts_differ_only_where_our_rules_are_stricter(self, row):
        found = read((REAL / row["file"]).read_bytes())
        errors = {issue.rule for issue in found.issues if issue.severity == "error"}

        stricter, _why = STRICTER.get(row["file"], (set(), ""))
        if row["verdict"] == "valid":
            assert errors == stricter
        else:
            assert errors or not found.readable

    def test_the_samples_are_there(self):
        assert len(REAL_ROWS) == 30
