"""Each rule, broken once: it is found, and found where it was broken."""

from datetime import date

import pytest

from housing_ach.nacha import (
    RULES,
    RawAddenda,
    UnknownRule,
    correction_addenda,
    disputed_addenda,
    read,
    return_addenda,
    write,
)
from housing_ach.nacha.layout import ADDENDA_98_REFUSED
from tests.nacha.made import CLEAN, batch, broken, changed, entry, file, rules, written

ORIGINAL = {"original_trace": "121042880000077", "original_rdfi": "02100002"}


def _lines(*kept: int) -> bytes:
    lines = CLEAN.split(b"\n")
    return b"".join(lines[number - 1] + b"\n" for number in kept)


def _returned(**changes: str) -> bytes:
    told = return_addenda("R01", **ORIGINAL)
    return written(entry(transaction_code="26", addenda=[told]), **changes)


def _disputed(code: str) -> bytes:
    values = {**ORIGINAL, "return_trace": "9" * 15, "return_settlement_day": "006"}
    values |= {"return_code": "01"}
    if code > "R70":
        values |= {"dishonored_trace": "8" * 15, "dishonored_code": "68"}
    told = disputed_addenda(code, values)
    return written(entry(transaction_code="26", addenda=[told]))


def _corrected(code: str = "C02", data: str = "021000021", **changes: str) -> bytes:
    told = correction_addenda(code, **ORIGINAL, corrected_data=data)
    one = entry(transaction_code="26", cents=0, addenda=[told])
    return write(file(batch(one, sec_code="COR", **changes)))


def _refused() -> bytes:
    values = {**ORIGINAL, "refused_code": "C62", "corrected_data": "021000021"}
    values |= {"change_code": "C02", "correction_sequence": "0000009"}
    one = entry(transaction_code="26", cents=0, addenda=[RawAddenda(ADDENDA_98_REFUSED, values)])
    return write(file(batch(one, sec_code="COR")))


def _remittance() -> bytes:
    return written(entry(addenda=["one"], name="0001ACME SUPPLIES"), sec_code="CTX")


def _acknowledged() -> bytes:
    one = entry(transaction_code="24", cents=0, individual_id="121042880000077")
    return write(file(batch(one, sec_code="ACK", service_class="220")))


def _mixed() -> bytes:
    data = written(entry(1), entry(2, addenda=["x"]))
    return changed(data, 5, 2, "99R01121042880000077      02100002" + " " * 44 + "121042880000002")


# rule: the file that breaks it, and the (line, field) of the finding.
BROKEN = {
    "F01": (b"Dear bank,\nplease find enclosed our file.\n", (1, "")),
    "F02": (CLEAN.replace(b" " * 39 + b"\n", b"\n"), (10, "")),
    "F03": (CLEAN.replace(b"\n", b""), (1, "")),
    "F04": (CLEAN.replace(b"\n", b"\r"), (1, "")),
    "F05": (b"\xef\xbb\xbf" + CLEAN, (1, "")),
    "F06": (CLEAN + b"\x1a", (11, "")),
    "F07": (CLEAN.replace(b"0000001\n", b"0000001 note\n", 1), (2, "")),
    "F08": (CLEAN.replace(b"0000001\n", b"0000001  \n", 1), (2, "")),
    "F09": (CLEAN.replace(b"\n5220", b"\n\n5220"), (6, "")),
    "F10": (changed(CLEAN, 7, 1, "4"), (7, "record_type")),
    "F11": (changed(CLEAN, 3, 60, "\t"), (3, "name")),
    "F12": (changed(CLEAN, 6, 1, "1"), (6, "record_type")),
    "F13": (_lines(2, 3, 4, 5, 6, 7, 8, 9, 10), (1, "")),
    "F14": (_lines(*range(1, 10)), (10, "")),
    "F15": (_lines(1, 10), (2, "")),
    "F17": (_lines(1, 2, 3, 4, 5, 10), (6, "")),
    "F18": (_lines(*range(1, 11), 3), (11, "record_type")),
    "F20": (changed(CLEAN, 3, 55, " ALICE TENANT"), (3, "name")),
    "H01": (changed(CLEAN, 1, 2, "02"), (1, "priority")),
    "H02": (changed(CLEAN, 1, 4, " " * 10), (1, "immediate_destination")),
    "H03": (changed(CLEAN, 1, 13, "8"), (1, "immediate_destination")),
    "H04": (changed(CLEAN, 1, 14, " " * 10), (1, "immediate_origin")),
    "H05": (changed(CLEAN, 1, 24, "260229"), (1, "creation_date")),
    "H06": (changed(CLEAN, 1, 30, "2460"), (1, "creation_time")),
    "H07": (changed(CLEAN, 1, 34, "a"), (1, "file_id_modifier")),
    "H08": (changed(CLEAN, 1, 35, "095"), (1, "record_size")),
    "H09": (changed(CLEAN, 1, 38, "20"), (1, "blocking_factor")),
    "H10": (changed(CLEAN, 1, 40, "2"), (1, "format_code")),
    "B01": (changed(CLEAN, 2, 2, "230"), (2, "service_class")),
    "B02": (changed(CLEAN, 2, 5, "0" * 16), (2, "company_name")),
    "B03": (changed(CLEAN, 2, 41, " " * 10), (2, "company_id")),
    "B04": (changed(CLEAN, 2, 51, "PPX"), (2, "sec_code")),
    "B05": (changed(CLEAN, 2, 54, " " * 10), (2, "description")),
    "B06": (changed(CLEAN, 2, 70, "261301"), (2, "effective_date")),
    "B07": (changed(CLEAN, 2, 70, " " * 6), (2, "effective_date")),
    "B08": (changed(CLEAN, 2, 76, "367"), (2, "settlement_day")),
    "B09": (changed(CLEAN, 2, 79, "7"), (2, "originator_status")),
    "B10": (changed(CLEAN, 2, 80, "A"), (2, "odfi")),
    "B11": (changed(CLEAN, 2, 94, "A"), (2, "batch_number")),
    "B12": (changed(CLEAN, 6, 88, "0000001"), (6, "batch_number")),
    "B13": (changed(CLEAN, 2, 51, "POS"), (2, "sec_code")),
    "B14": (changed(CLEAN, 2, 51, "IAT"), (2, "sec_code")),
    "B15": (changed(CLEAN, 2, 54, "Reversal"), (2, "description")),
    "B16": (_lines(1, 2, 5, 10), (2, "record_type")),
    "E01": (changed(CLEAN, 3, 2, "30"), (3, "transaction_code")),
    "E02": (changed(CLEAN, 3, 2, "22"), (3, "transaction_code")),
    "E03": (changed(CLEAN, 3, 2, "29"), (3, "transaction_code")),
    "E04": (changed(CLEAN, 3, 4, "X"), (3, "routing")),
    "E05": (changed(CLEAN, 3, 12, "2"), (3, "check_digit")),
    "E06": (changed(CLEAN, 3, 13, " " * 17), (3, "account")),
    "E07": (changed(CLEAN, 3, 30, " " * 10), (3, "amount")),
    "E08": (changed(CLEAN, 3, 30, "0" * 10), (3, "amount")),
    "E09": (changed(CLEAN, 3, 2, "28"), (3, "amount")),
    "E10": (changed(CLEAN, 3, 55, " " * 22), (3, "name")),
    "E11": (changed(CLEAN, 2, 51, "WEB"), (3, "discretionary")),
    "E12": (changed(CLEAN, 3, 79, "2"), (3, "addenda_indicator")),
    "E13": (changed(CLEAN, 7, 79, "0"), (7, "addenda_indicator")),
    "E14": (changed(CLEAN, 3, 79, "1"), (3, "addenda_indicator")),
    "E15": (changed(CLEAN, 3, 90, "X"), (3, "trace")),
    "E16": (changed(CLEAN, 3, 80, "9"), (3, "trace")),
    "E17": (changed(CLEAN, 4, 88, "0000001"), (4, "trace")),
    "E18": (changed(CLEAN, 7, 88, "0000002"), (7, "trace")),
    "E19": (_mixed(), (4, "transaction_code")),
    "E20": (changed(_returned(), 3, 2, "27"), (3, "transaction_code")),
    "E22": (changed(CLEAN, 3, 2, "55"), (3, "transaction_code")),
    "E24": (changed(CLEAN, 3, 13, "12 34"), (3, "account")),
    "E25": (changed(_remittance(), 3, 55, "0002"), (3, "addenda_count")),
    "E26": (changed(_acknowledged(), 3, 40, "X"), (3, "original_trace")),
    "E27": (changed(CLEAN, 3, 2, "26"), (3, "transaction_code")),
    "A01": (_lines(1, 2, 8, 3, 4, 5, 6, 7, 8, 9, 10), (3, "record_type")),
    "A02": (changed(CLEAN, 8, 2, "98"), (8, "type_code")),
    "A03": (changed(CLEAN, 8, 84, "0002"), (8, "sequence")),
    "A04": (changed(CLEAN, 8, 88, "0000004"), (8, "entry_sequence")),
    "A05": (changed(CLEAN, 6, 51, "TEL"), (8, "type_code")),
    "A06": (changed(_corrected(), 4, 4, "C99"), (4, "change_code")),
    "A07": (changed(_returned(), 4, 4, "R99"), (4, "return_code")),
    "A08": (changed(_returned(), 4, 7, "X"), (4, "original_trace")),
    "A09": (changed(_returned(), 4, 28, " "), (4, "original_rdfi")),
    "A10": (changed(_returned(), 4, 94, "9"), (4, "trace")),
    "A11": (changed(_returned(), 4, 22, "260230"), (4, "date_of_death")),
    "A12": (changed(_disputed("R68"), 4, 39, "X"), (4, "return_trace")),
    "A13": (changed(_corrected(), 4, 44, "2"), (4, "corrected_data")),
    "C01": (_lines(1, 2, 3, 4, 6, 7, 8, 9, 10), (2, "record_type")),
    "C02": (changed(CLEAN, 5, 2, "200"), (5, "service_class")),
    "C03": (changed(CLEAN, 5, 5, "000003"), (5, "entry_addenda_count")),
    "C04": (changed(CLEAN, 5, 20, "6"), (5, "entry_hash")),
    "C05": (changed(CLEAN, 5, 32, "1"), (5, "total_debit")),
    "C06": (changed(CLEAN, 5, 44, "1"), (5, "total_credit")),
    "C07": (changed(CLEAN, 5, 45, "9"), (5, "company_id")),
    "C08": (changed(CLEAN, 5, 80, "9"), (5, "odfi")),
    "C09": (changed(CLEAN, 5, 94, "2"), (5, "batch_number")),
    "C10": (changed(CLEAN, 5, 74, "x"), (5, "reserved")),
    "C11": (changed(CLEAN, 10, 7, "3"), (10, "batch_count")),
    "C12": (changed(CLEAN, 10, 13, "2"), (10, "block_count")),
    "C13": (changed(CLEAN, 10, 21, "5"), (10, "entry_addenda_count")),
    "C14": (changed(CLEAN, 10, 31, "8"), (10, "entry_hash")),
    "C15": (changed(CLEAN, 10, 43, "1"), (10, "total_debit")),
    "C16": (changed(CLEAN, 10, 55, "1"), (10, "total_credit")),
    "C17": (changed(CLEAN, 10, 94, "1"), (10, "reserved")),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_found_where_it_is_broken(rule):
    data, (line, field) = BROKEN[rule]

    found = [issue for issue in read(data).issues if issue.rule == rule]

    assert (line, field) in {(issue.line, issue.field) for issue in found}
    assert {issue.severity for issue in found} == {RULES[rule].severity}
    assert {issue.count for issue in found} == {len(found)}


@pytest.mark.parametrize(
    "data",
    [
        CLEAN,
        _returned(),
        _disputed("R68"),
        _disputed("R71"),
        _corrected(),
        _refused(),
        _remittance(),
        _acknowledged(),
        written(entry(transaction_code="28", cents=0)),
        written(entry(transaction_code="22"), sec_code="CCD", service_class="220"),
        written(entry(discretionary="R"), sec_code="TEL"),
        written(entry(transaction_code="55"), description="REVERSAL"),
        written(
            entry(transaction_code="22", discretionary="S"),
            sec_code="TEL",
            service_class="220",
            description="REVERSAL",
        ),
        written(entry(account="0-123"), service_class="200"),
    ],
    ids=lambda data: data[95:160].decode(),
)
def test_good_files_of_every_kind_break_none(data):
    assert broken(data) == set()


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"F01"}))
def test_a_profile_turns_a_single_rule_off(rule):
    data, _ = BROKEN[rule]

    found = read(data, profile={rule: "off"})

    assert rules(found) == broken(data) - {rule}


def test_a_profile_changes_how_grave_a_rule_is():
    data, _ = BROKEN["H03"]

    assert read(data).issues.errors == 0
    assert read(data, profile={"H03": "error"}).issues.errors == 1
    assert read(data, profile={"H03": "warning"}).issues.warnings == 1


@pytest.mark.parametrize("profile", [{"Z99": "off"}, {"E05": "loud"}])
def test_a_profile_that_names_nothing_of_ours_is_refused(profile):
    with pytest.raises(UnknownRule):
        read(CLEAN, profile=profile)


def test_counts_are_exact_where_the_listing_stops():
    many = [entry(number) for number in range(1, 301)]
    lines = written(*many).split(b"\n")
    lines[2:302] = [line[:54] + b" " * 22 + line[76:] for line in lines[2:302]]

    found = read(b"\n".join(lines))

    assert len(found.issues) == 100
    assert found.issues.counts == {"E10": 300}
    assert found.issues.errors == 300
    assert {issue.count for issue in found.issues} == {300}
    assert len(read(b"\n".join(lines), listed=None).issues) == 300


def test_an_issue_tells_what_was_expected_and_what_was_found():
    data, _ = BROKEN["E05"]

    (issue,) = read(data).issues

    assert (issue.expected, issue.actual) == ("1", "2")
    assert (issue.record, issue.start, issue.end) == ("entry", 12, 12)
    assert issue.message == "check digit of the routing number: expected 1, found '2'"
    assert read(data).issues[0] == issue


def test_an_effective_date_may_be_missing_on_what_a_bank_sends():
    found = read(changed(_returned(), 2, 70, "000000"))

    assert (found.issues.errors, rules(found)) == (0, {"B07"})
    assert found.batches[0].effective_on is None
    assert read(_returned()).batches[0].effective_on == date(2026, 1, 6)
