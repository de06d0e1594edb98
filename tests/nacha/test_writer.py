import numpy as np
import pytest

from housing_ach.nacha import (
    EntryColumns,
    RawAddenda,
    WriteErrors,
    check_rows,
    entry_lines,
    fold,
    fold_name,
    payment_addenda,
    read,
    write,
)
from housing_ach.nacha.layout import ENTRY
from tests.nacha.made import ODFI, batch, entry, file

LONG_ACCOUNT = "123456789012345678"


def _errors(**changes):
    spec = file(batch(entry(1), entry(2, **changes), entry(3)))
    return [(error.batch, error.row, error.field) for error in check_rows(spec)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"transaction_code": "25"}, "transaction_code"),
        ({"transaction_code": "22"}, "transaction_code"),
        ({"transaction_code": "29", "cents": 0}, "transaction_code"),
        ({"transaction_code": "2"}, "transaction_code"),
        ({"transaction_code": "277"}, "transaction_code"),
        ({"routing": "021000022"}, "routing"),
        ({"routing": "02100002"}, "routing"),
        ({"routing": "0210000210"}, "routing"),
        ({"routing": "02100002X"}, "routing"),
        ({"account": ""}, "account"),
        ({"account": "12 34"}, "account"),
        ({"account": " 1234"}, "account"),
        ({"account": LONG_ACCOUNT}, "account"),
        ({"account": "12é4"}, "account"),
        ({"cents": 0}, "cents"),
        ({"cents": -1}, "cents"),
        ({"cents": 10**10}, "cents"),
        ({"transaction_code": "28"}, "cents"),
        ({"individual_id": "x" * 16}, "individual_id"),
        ({"individual_id": "LEASE\t1"}, "individual_id"),
        ({"name": ""}, "name"),
        ({"name": "x" * 23}, "name"),
        ({"name": "JOSÉ"}, "name"),
        ({"name": "王"}, "name"),
        ({"discretionary": "ABC"}, "discretionary"),
        ({"trace": f"{ODFI}0000001"}, "trace"),
        ({"trace": "123"}, "trace"),
        ({"trace": f"{ODFI}00000022"}, "trace"),
        ({"trace": "999999990000002"}, "trace"),
        ({"addenda": ["x" * 81]}, "payment_information"),
        ({"addenda": ["one", "two"]}, "type_code"),
        ({"addenda": [payment_addenda("é")]}, "payment_information"),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_sent_is_named_by_its_field(changes, field):
    assert _errors(**changes) == [(0, 1, field)]


def test_all_errors_are_told_at_once():
    spec = file(
        batch(entry(1, name=""), entry(2), entry(3, account="", cents=0)),
        batch(entry(4), number=2, company_name="x" * 17),
        batch(entry(5, routing="1"), number=3),
        modifier="a",
    )

    with pytest.raises(WriteErrors) as refused:
        write(spec)

    told = [(error.batch, error.row, error.field) for error in refused.value.errors]
    assert told == [
        (None, None, "file_id_modifier"),
        (0, 0, "name"),
        (0, 2, "account"),
        (0, 2, "cents"),
        (1, None, "company_name"),
        (2, 0, "routing"),
    ]
    assert "batch 0, row 2, account: " in str(refused.value)
    assert str(refused.value).startswith("file, file_id_modifier: ")


def test_one_bad_entry_is_found_and_the_rest_can_go():
    rows = [entry(number) for number in range(1, 6)]
    rows[3] = entry(4, account="")

    bad = {error.row for error in check_rows(file(batch(*rows)))}
    data = write(file(batch(*[row for place, row in enumerate(rows) if place not in bad])))

    assert bad == {3}
    assert [one.trace[-1] for one in read(data).entries] == ["1", "2", "3", "5"]


def test_many_errors_are_all_kept_and_few_are_shown():
    with pytest.raises(WriteErrors) as refused:
        write(file(batch(*[entry(number, name="") for number in range(1, 302)])))

    assert len(refused.value.errors) == 301
    assert str(refused.value).endswith("and 281 more")


@pytest.mark.parametrize("account", [LONG_ACCOUNT, "9876 54321", "98765é4321"])
def test_no_error_tells_an_account_number(account):
    with pytest.raises(WriteErrors) as refused:
        write(file(batch(entry(account=account))))

    shown = str(refused.value) + repr(refused.value.errors)
    assert account.strip() not in shown
    assert account[:6].strip() not in shown


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"company_name": ""}, "company_name"),
        ({"company_name": "0" * 16}, "company_name"),
        ({"company_id": ""}, "company_id"),
        ({"company_id": "x" * 11}, "company_id"),
        ({"sec_code": "ppd"}, "sec_code"),
        ({"sec_code": "POS"}, "sec_code"),
        ({"sec_code": "IAT"}, "sec_code"),
        ({"description": ""}, "description"),
        ({"description": "Retry pymt"}, "description"),
        ({"description": "Reclaim"}, "description"),
        ({"effective_on": None}, "effective_date"),
        ({"odfi": "1210428"}, "odfi"),
        ({"odfi": "121042889"}, "odfi"),
        ({"number": 10**7}, "batch_number"),
        ({"number": -1}, "batch_number"),
        ({"service_class": "230"}, "service_class"),
        ({"settlement_day": 400}, "settlement_day"),
        ({"descriptive_date": "1234567"}, "descriptive_date"),
        ({"discretionary_data": "x" * 21}, "discretionary_data"),
    ],
    ids=str,
)
def test_a_batch_that_cannot_be_sent_is_named_by_its_field(changes, field):
    errors = check_rows(file(batch(entry(), **changes)))

    assert (0, None, field) in [(error.batch, error.row, error.field) for error in errors]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"immediate_origin": " "}, "immediate_origin"),
        ({"immediate_destination": "12345678901"}, "immediate_destination"),
        ({"creation_time": "2500"}, "creation_time"),
        ({"modifier": "AB"}, "file_id_modifier"),
        ({"origin_name": "x" * 24}, "origin_name"),
        ({"reference": "é"}, "reference"),
    ],
    ids=str,
)
def test_a_header_that_cannot_be_sent_is_named_by_its_field(changes, field):
    errors = check_rows(file(batch(entry()), **changes))

    assert [(error.batch, error.row, error.field) for error in errors] == [(None, None, field)]


def test_a_bank_may_assign_any_ten_characters_as_origin():
    data = write(file(batch(entry()), immediate_origin="1ACME00001"))

    assert read(data).header.immediate_origin == "1ACME00001"


def test_batch_numbers_ascend_and_traces_do_not_repeat():
    same_number = check_rows(file(batch(entry(1)), batch(entry(2))))
    same_trace = check_rows(file(batch(entry(1)), batch(entry(1), number=2)))

    assert [(error.batch, error.row, error.field) for error in same_number] == [
        (1, None, "batch_number")
    ]
    assert [(error.batch, error.row, error.field) for error in same_trace] == [(1, 0, "trace")]


def test_a_file_and_a_batch_need_something_in_them():
    nothing = check_rows(file())
    empty = check_rows(file(batch()))

    assert [error.batch for error in nothing] == [None]
    assert "has no batch" in nothing[0].reason
    assert [(error.batch, error.row) for error in empty] == [(0, None)]


def test_totals_that_have_no_room_are_refused():
    most = [entry(number, cents=10**10 - 1) for number in range(1, 102)]

    errors = check_rows(file(batch(*most)))

    assert [(error.batch, error.field) for error in errors] == [
        (None, "total_debit"),
        (0, "total_debit"),
    ]


def test_numbers_with_no_room_are_told_as_they_are():
    columns = EntryColumns(
        transaction_code=np.array([27, 127]),
        routing=np.array([21000021, 21000021]),
        account=np.array(["1", "2"]),
        cents=np.array([1, 2]),
        individual_id=np.array(["", ""]),
        name=np.array(["A", "B"]),
        trace=np.array([int(ODFI) * 10**7 + 1, -5]),
    )

    errors = check_rows(file(batch(entries=columns)))

    assert [str(error) for error in errors] == [
        "batch 0, row 1, transaction_code: 127 does not fit the field",
        "batch 0, row 1, trace: -5 does not fit the field",
    ]


def test_columns_must_be_equally_long():
    one = EntryColumns.of([entry()])

    with pytest.raises(ValueError, match="different lengths"):
        EntryColumns(**{**one.arrays, "cents": np.array([1, 2])})
    with pytest.raises(ValueError, match="different lengths"):
        EntryColumns(**one.arrays, addenda=[[], []])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("account", np.array([123456])),
        ("cents", np.array([1.5])),
        ("trace", np.array([1.0])),
        ("name", np.array([None])),
    ],
    ids=str,
)
def test_a_column_of_the_wrong_kind_is_refused(name, column):
    one = EntryColumns.of([entry()])

    with pytest.raises(ValueError, match=f"{name} cannot be a column of"):
        EntryColumns(**{**one.arrays, name: column})


@pytest.mark.parametrize(
    "trace",
    [np.array([121042880000009]), np.array([b"121042880000009"]), np.array(["121042880000009"])],
    ids=["int", "bytes", "text"],
)
def test_addenda_of_columns_name_their_entry(trace):
    one = EntryColumns.of([entry()])
    columns = EntryColumns(**{**one.arrays, "trace": trace}, addenda=[["INVOICE 7"]])

    found = read(write(file(batch(entries=columns))))

    assert found.issues.counts == {}
    assert found.entries[0].addenda[0].payment_information == "INVOICE 7"


def test_an_addenda_has_the_layout_of_an_addenda():
    with pytest.raises(ValueError, match="entry is no addenda"):
        RawAddenda(ENTRY, {})


def test_entry_lines_count_headers_controls_and_addenda():
    spec = file(batch(entry(1, addenda=["x"]), entry(2)), batch(entry(3), number=2))

    assert entry_lines(spec).tolist() == [3, 5, 8]
    assert entry_lines(file()).tolist() == []


def test_names_are_folded_and_cut_only_on_request():
    assert fold("  José  Łuç-Müßig\t") == "Jose Luc-Mussig"
    assert fold("王 Ltd") == "? Ltd"
    assert fold_name("Zoë O\u2019Neil", 22) == ("Zoe O'Neil", False)
    assert fold_name("Bartholomew Featherstone III", 22) == ("Bartholomew Featherston"[:22], True)
    assert fold_name("ABC DEF", 4) == ("ABC", True)
