import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_ach.nacha import correction_addenda, mask_account, masked_copy, read, write
from tests.nacha.made import CLEAN, batch, changed, entry, file, written

ACCOUNT = "98765432109876543"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("", ""), ("1", "*"), ("1234", "****"), ("12345", "*2345"), (" 00123456 ", "****3456")],
)
def test_the_last_four_are_shown_where_more_stay_hidden(number, shown):
    assert mask_account(number) == shown


@given(st.text("0123456789ABC-", min_size=1, max_size=17))
def test_a_masked_copy_hides_as_an_account_is_masked(account):
    data = written(entry(account=account))

    copy = masked_copy(data)

    assert copy[:202] == data[:202]
    assert copy[219:] == data[219:]
    assert copy[202:219].decode() == mask_account(account).ljust(17)


@pytest.mark.parametrize("line_ending", ["\n", "\r\n", ""], ids=["LF", "CRLF", "none"])
def test_a_masked_copy_has_the_same_records(line_ending):
    data = write(file(batch(entry(account=ACCOUNT))), line_ending=line_ending)

    copy = masked_copy(data)

    assert ACCOUNT[:6].encode() not in copy
    assert read(copy).entries[0].account == mask_account(ACCOUNT)
    assert read(copy).debit_cents == read(data).debit_cents


def test_a_masked_copy_hides_what_a_correction_tells():
    told = correction_addenda(
        "C01", original_trace="1" * 15, original_rdfi="02100002", corrected_data=ACCOUNT
    )
    one = entry(transaction_code="26", cents=0, addenda=[told])

    copy = masked_copy(write(file(batch(one, sec_code="COR"))))

    assert ACCOUNT.encode() not in copy
    assert f"{mask_account(ACCOUNT):29}".encode() in copy


def test_a_masked_copy_of_international_entries_hides_id_and_name():
    data = changed(written(entry(individual_id=ACCOUNT[:15], name=ACCOUNT)), 2, 51, "IAT")

    assert ACCOUNT[:8].encode() not in masked_copy(data)


def test_a_masked_copy_hides_the_amounts_of_micro_entries_alone():
    credit = {"transaction_code": "22", "cents": 73}
    data = write(
        file(
            batch(entry(1, cents=1200_73)),
            batch(
                *(entry(number, **credit) for number in (2, 3)),
                service_class="220",
                description="ACCTVERIFY",
                number=2,
            ),
            batch(entry(4, cents=1200_74), number=3),
        )
    )

    copy = masked_copy(data).decode().splitlines()

    amounts = [line[29:39] for line in copy if line[0] == "6"]
    assert amounts == ["0000120073", "*" * 10, "*" * 10, "0000120074"]


@pytest.mark.parametrize("slip", [1, 2, 5])
def test_a_masked_copy_of_a_slipped_line_hides_more(slip):
    data = written(entry(account=ACCOUNT, name="A"))
    start = data.index(b"627")

    left = masked_copy(data[:start] + data[start + slip :])
    right = masked_copy(data[: start + 3] + b" " * slip + data[start + 3 :])

    for copy in (left, right):
        assert ACCOUNT[:12].encode() not in copy
        assert ACCOUNT[-8:].encode() not in copy


@given(st.integers(1, 30), st.booleans())
def test_no_issue_of_a_slipped_line_tells_an_account_number(slip, forward):
    data = written(entry(account=ACCOUNT, name="A"))
    at = data.index(b"627") + 3
    slipped = data[:at] + b" " * slip + data[at:] if forward else data[:at] + data[at + slip :]

    told = repr(list(read(slipped).issues))

    assert all(ACCOUNT[at : at + 6] not in told for at in range(12))


def test_what_is_no_ach_file_keeps_no_digit():
    assert masked_copy(b"account 12345678") == b"account ********"


@pytest.mark.parametrize("column", [2, 13, 12, 30, 55])
def test_no_issue_tells_an_account_number(column):
    data = written(entry(account=ACCOUNT))

    found = read(changed(data, 3, column, "\t"))

    assert found.issues.counts
    assert ACCOUNT[3:] not in repr(list(found.issues))


def test_no_object_shows_an_account_number():
    found = read(written(entry(account=ACCOUNT)))
    one = found.entries[0]

    shown = repr(found) + repr(one) + str(one) + repr(list(found.batches)) + repr(one.addenda)
    assert ACCOUNT not in shown
    assert one.account == ACCOUNT
    assert one.masked_account == mask_account(ACCOUNT)
    assert ACCOUNT not in repr(file(batch(entry(account=ACCOUNT))))


def test_a_clean_file_has_a_clean_look():
    found = read(CLEAN)

    assert repr(found) == "<File: 2 batches, 3 entries, <Issues: 0 errors, 0 warnings>>"
    assert repr(found.batches[0]) == "<Batch 1 PPD RENT: 2 entries>"
    assert found.batches[0].has_control
    assert [one.trace[-1] for one in found.entries[1:]] == ["2", "3"]
    assert found.header.modifier == "A"
