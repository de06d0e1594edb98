from datetime import date

import pytest

from housing_ach.nacha import (
    CORRECTION_CODES,
    RETURN_CODES,
    SEC_CODES,
    TRANSACTION_CODES,
    RawAddenda,
    correction_addenda,
    credit_code,
    debit_code,
    disputed_addenda,
    prenote_code,
    read,
    read_corrected,
    return_addenda,
    returned_code,
    settlement_date,
    transaction_code,
    write,
)
from housing_ach.nacha.layout import ADDENDA_98_REFUSED
from tests.nacha.made import batch, changed, entry, file

ORIGINAL = {"original_trace": "121042880000077", "original_rdfi": "02100002"}


def _read(*told: RawAddenda):
    values = {"transaction_code": "26", "addenda": told}
    return read(write(file(batch(entry(**values)))))


def test_a_return_names_the_entry_it_returns():
    told = return_addenda("R14", **ORIGINAL, information="PAYEE", date_of_death=date(2025, 12, 30))

    found = _read(told)

    (one,) = found.returns
    assert one.return_info.kind == "RETURN"
    assert one.return_info.code == "R14"
    assert one.return_info.original_trace == "121042880000077"
    assert one.return_info.original_rdfi == "02100002"
    assert one.return_info.date_of_death == date(2025, 12, 30)
    assert one.return_info.information == "PAYEE"
    assert one.return_info.trace == one.trace
    assert (one.correction, len(found.corrections)) == (None, 0)


def test_a_dishonored_return_names_the_return_it_disputes():
    values = {**ORIGINAL, "return_trace": "091000010000005", "return_code": "01"}

    found = _read(disputed_addenda("R68", {**values, "information": "UNTIMELY"}))

    told = found.entries[0].return_info
    assert (told.kind, told.code, told.return_trace) == ("DISHONORED", "R68", "091000010000005")
    assert (told.information, told.dishonored_trace) == ("UNTIMELY", "")


def test_a_contested_return_names_the_whole_chain():
    values = {**ORIGINAL, "return_trace": "091000010000005", "return_code": "01"}
    values |= {"dishonored_trace": "121042880000099", "dishonored_code": "68"}

    told = _read(disputed_addenda("R73", values)).entries[0].return_info

    assert (told.kind, told.code) == ("CONTESTED", "R73")
    assert (told.return_trace, told.dishonored_trace) == ("091000010000005", "121042880000099")


def test_an_unknown_return_code_is_read_and_warned_of():
    data = write(
        file(batch(entry(transaction_code="26", addenda=[return_addenda("R01", **ORIGINAL)])))
    )

    found = read(changed(data, 4, 4, "R98"))

    assert (found.returns[0].return_info.code, found.returns[0].return_info.kind) == (
        "R98",
        "RETURN",
    )
    assert found.issues.errors == 0


def test_a_correction_tells_what_changes():
    told = correction_addenda(
        "C07", **ORIGINAL, corrected_data="0910000190012345678       32".ljust(29)
    )

    found = _corrected(told)

    (one,) = found.corrections
    assert one.correction.code == "C07"
    assert one.correction.original_trace == "121042880000077"
    assert one.correction.changes == {
        "routing": "091000019",
        "account": "0012345678",
        "transaction_code": "32",
        "account_type": "SAVINGS",
    }
    assert one.correction.unreadable == ""
    assert "0012345678" not in repr(one) + repr(one.correction) + str(one)
    assert one.return_info is None


def _corrected(told: RawAddenda):
    one = entry(transaction_code="26", cents=0, addenda=[told])
    return read(write(file(batch(one, sec_code="COR"))))


def test_a_refused_correction_tells_what_was_refused():
    values = {**ORIGINAL, "refused_code": "C65", "corrected_data": "021000021"}
    values |= {"change_code": "C02", "correction_sequence": "0000009"}

    told = _corrected(RawAddenda(ADDENDA_98_REFUSED, values)).entries[0].correction

    assert (told.code, told.refused_code, told.changes, told.unreadable) == ("C02", "C65", {}, "")


@pytest.mark.parametrize(
    ("code", "data", "changes"),
    [
        ("C01", "0012345678", {"account": "0012345678"}),
        ("C02", "091000019", {"routing": "091000019"}),
        ("C03", "091000019   0012345678", {"routing": "091000019", "account": "0012345678"}),
        ("C03", "091000019 0012345678", {"routing": "091000019", "account": "0012345678"}),
        ("C04", "JANE A TENANT", {"name": "JANE A TENANT"}),
        ("C05", "37", {"transaction_code": "37", "account_type": "SAVINGS"}),
        ("C05", "26", {"transaction_code": "26", "account_type": "CHECKING"}),
        (
            "C06",
            "0012345678          37",
            {"account": "0012345678", "transaction_code": "37", "account_type": "SAVINGS"},
        ),
        (
            "C06",
            "0012345678 27",
            {"account": "0012345678", "transaction_code": "27", "account_type": "CHECKING"},
        ),
        ("C01", "12 34 56", {"account": "123456"}),
        (
            "C07",
            "091000019 0012 345678 33",
            {
                "routing": "091000019",
                "account": "0012345678",
                "transaction_code": "33",
                "account_type": "SAVINGS",
            },
        ),
        ("C09", "LEASE-77", {"individual_id": "LEASE-77"}),
        ("C13", "", {}),
        ("C14", "IAT", {"sec_code": "IAT"}),
        ("C61", "", {}),
    ],
    ids=str,
)
def test_corrected_data_is_read_by_position_then_by_blanks(code, data, changes):
    told = read_corrected(code, data)

    assert (told.changes, told.unreadable) == (changes, "")


@pytest.mark.parametrize(
    ("code", "data", "reason"),
    [
        ("C01", "", "blank"),
        ("C01", "123456789012345678", "not where they belong"),
        ("C02", "091000018", "check digit"),
        ("C03", "091000019", "account is blank"),
        ("C05", "99", "not known"),
        ("C06", "0012345678", "blank"),
        ("C07", "091000018 0012345678  27", "check digit"),
        ("C07", "091000019 001234567833", "transaction code is blank"),
        ("C07", "091000019 1234567890 12345678 27", "not known"),
        ("C10", "x", "retired"),
        ("C99", "x", "not known"),
    ],
    ids=str,
)
def test_what_cannot_be_read_with_certainty_is_left_for_a_person(code, data, reason):
    told = read_corrected(code, data)

    assert told.changes == {}
    assert reason in told.unreadable


def test_the_code_tables_are_whole():
    assert {f"R{number:02d}" for number in (*range(1, 48), *range(50, 54))} <= set(RETURN_CODES)
    unauthorised = {code for code, row in RETURN_CODES.items() if row.rate == "UNAUTHORISED"}
    assert unauthorised == {"R05", "R07", "R10", "R11", "R29", "R51"}
    administrative = {code for code, row in RETURN_CODES.items() if row.rate == "ADMINISTRATIVE"}
    assert administrative == {"R02", "R03", "R04"}
    sixty = {code for code, row in RETURN_CODES.items() if row.window == "60"}
    assert sixty == {"R05", "R07", "R10", "R11", "R33", "R37", "R38", "R51", "R52", "R53"}
    assert {code for code, row in CORRECTION_CODES.items() if row.refused} == {
        f"C6{number}" for number in range(1, 10)
    }
    assert {code for code, row in SEC_CODES.items() if row.consumer} == {"PPD", "WEB", "TEL"}
    assert SEC_CODES["CTX"].most_addenda == 9999


def test_transaction_codes_follow_account_direction_and_purpose():
    assert (debit_code("CHECKING"), debit_code("SAVINGS")) == ("27", "37")
    assert (credit_code("CHECKING"), credit_code("LEDGER")) == ("22", "42")
    assert (prenote_code("SAVINGS"), prenote_code("CHECKING", "CREDIT")) == ("38", "23")
    assert (returned_code("27"), returned_code("32"), returned_code("55")) == ("26", "31", "56")
    assert {"20", "25", "30", "35", "57", "58"}.isdisjoint(TRANSACTION_CODES)
    with pytest.raises(KeyError, match="no PRENOTE DEBIT code for a LOAN"):
        transaction_code("LOAN", "DEBIT", "PRENOTE")


@pytest.mark.parametrize(
    ("day", "near", "wanted"),
    [
        (6, date(2026, 1, 5), date(2026, 1, 6)),
        (2, date(2025, 12, 31), date(2026, 1, 2)),
        (365, date(2026, 1, 2), date(2025, 12, 31)),
        (366, date(2024, 12, 30), date(2024, 12, 31)),
        (0, date(2026, 1, 5), None),
        (367, date(2026, 1, 5), None),
    ],
    ids=str,
)
def test_a_settlement_day_is_of_the_nearest_year(day, near, wanted):
    assert settlement_date(day, near=near) == wanted
