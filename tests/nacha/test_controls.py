import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_ach.nacha import read, write
from housing_ach.nacha.layout import BATCH_CONTROL, BATCH_HEADER, FILE_CONTROL
from tests.nacha.made import CLEAN, batch, broken, changed, entry, file, rules

BATCH_LINE, FILE_LINE = 5, 10
BATCH_FIELDS = [where for where in BATCH_CONTROL.fields if where.kind == "digits"]
FILE_FIELDS = [where for where in FILE_CONTROL.fields if where.kind == "digits"]


def _digit_changed(line: int, column: int, other: int) -> bytes:
    old = CLEAN.split(b"\n")[line - 1][column - 1 : column].decode()
    return changed(CLEAN, line, column, str((int(old) + other) % 10))


@pytest.mark.parametrize("where", BATCH_FIELDS, ids=lambda where: where.name)
@pytest.mark.parametrize("other", range(1, 10))
def test_any_digit_changed_in_a_batch_control_is_found(where, other):
    for column in range(where.start, where.end + 1):
        found = read(_digit_changed(BATCH_LINE, column, other))

        assert (BATCH_LINE, where.name) in {(issue.line, issue.field) for issue in found.issues}


@pytest.mark.parametrize("where", FILE_FIELDS, ids=lambda where: where.name)
@pytest.mark.parametrize("other", range(1, 10))
def test_any_digit_changed_in_a_file_control_is_found(where, other):
    for column in range(where.start, where.end + 1):
        found = read(_digit_changed(FILE_LINE, column, other))

        assert (FILE_LINE, where.name) in {(issue.line, issue.field) for issue in found.issues}


@pytest.mark.parametrize("column", range(45, 55))
def test_any_character_changed_in_a_company_id_is_found(column):
    assert broken(changed(CLEAN, BATCH_LINE, column, "x")) == {"C07"}


@pytest.mark.parametrize(
    "name", ["service_class", "company_id", "odfi", "batch_number"], ids=lambda name: name
)
def test_a_digit_changed_in_a_header_is_found_in_its_control(name):
    start = BATCH_HEADER[name].end

    assert broken(changed(CLEAN, 2, start, "7")) & {"C02", "C07", "C08", "C09"}


@pytest.mark.parametrize("name", ["entry_hash", "total_debit"])
def test_controls_are_not_judged_by_an_amount_or_routing_number_nobody_can_read(name):
    column = {"entry_hash": 6, "total_debit": 35}[name]

    found = broken(changed(CLEAN, 3, column, "A"))

    assert not found & {"C04", "C05", "C06", "C14", "C15", "C16"}


def test_an_id_justified_otherwise_is_the_same_id():
    data = write(file(batch(entry(), company_id="123456789")))

    assert broken(changed(data, 4, 45, " 123456789")) == set()


def test_the_hash_keeps_its_last_ten_digits():
    many = [entry(number, routing="999999992") for number in range(1, 120)]

    data = write(file(batch(*many)))

    assert data.split(b"\n")[-2][:1] == b"9"
    assert rules(read(data)) == set()
    assert f"{99999999 * 119 % 10**10:010d}".encode() in data


@given(st.integers(0, 9), st.integers(0, 9), st.integers(2, 54))
def test_a_file_control_with_a_random_change_is_never_clean(first, second, column):
    line = CLEAN.split(b"\n")[FILE_LINE - 1]
    text = f"{first}{second}"

    data = changed(CLEAN, FILE_LINE, column, text)

    assert bool(broken(data)) == (line[column - 1 : column + 1] != text.encode())


@pytest.mark.parametrize("column", [74, 79])
def test_reserved_columns_of_a_batch_control_stay_blank(column):
    assert broken(changed(CLEAN, BATCH_LINE, column, "x")) == {"C10"}


def test_the_message_authentication_code_is_the_banks():
    assert broken(changed(CLEAN, BATCH_LINE, 55, "ABCDEF")) == set()
