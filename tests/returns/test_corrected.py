import pytest

from housing_ach.mandates.states import AccountType
from housing_ach.returns.corrected import APPLIED_CODES, Corrected, Unreadable, corrected

ROUTING = "323232322"


@pytest.mark.parametrize(
    ("code", "data", "expected"),
    [
        ("C01", "0012345", Corrected(account_number="0012345")),
        ("C02", ROUTING, Corrected(routing=ROUTING)),
        ("C03", f"{ROUTING}   0012345", Corrected(routing=ROUTING, account_number="0012345")),
        ("C04", "ADA LOVELACE", Corrected(holder_name="ADA LOVELACE")),
        ("C05", "37", Corrected(account_type=AccountType.SAVINGS)),
        (
            "C06",
            "0012345".ljust(20) + "27",
            Corrected(account_number="0012345", account_type=AccountType.CHECKING),
        ),
        (
            "C07",
            ROUTING + "0012345".ljust(17) + "37",
            Corrected(routing=ROUTING, account_number="0012345", account_type=AccountType.SAVINGS),
        ),
        ("C09", "NL0000001T00001", Corrected(individual_id="NL0000001T00001")),
    ],
)
def test_each_code_is_read_by_its_positions(code, data, expected):
    assert corrected(code, data.ljust(29)) == expected


@pytest.mark.parametrize(
    ("code", "data", "expected"),
    [
        ("C01", "0012 345", Corrected(account_number="0012345")),
        ("C03", f"{ROUTING} 0012345", Corrected(routing=ROUTING, account_number="0012345")),
        (
            "C06",
            "0012345 27",
            Corrected(account_number="0012345", account_type=AccountType.CHECKING),
        ),
        (
            "C07",
            f"{ROUTING} 00 12345 37",
            Corrected(routing=ROUTING, account_number="0012345", account_type=AccountType.SAVINGS),
        ),
    ],
)
def test_parts_with_blanks_between_them_are_read_too(code, data, expected):
    assert corrected(code, data) == expected


@pytest.mark.parametrize("code", ["26", "28", "27"])
def test_the_code_of_a_return_or_prenote_also_tells_the_account_type(code):
    assert corrected("C05", code) == Corrected(account_type=AccountType.CHECKING)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("C01", ""),
        ("C01", "123456789012345678"),
        ("C02", "323232323"),
        ("C03", ROUTING),
        ("C04", ""),
        ("C05", "47"),
        ("C05", "99"),
        ("C06", "0012345"),
        ("C07", f"{ROUTING}001234527"),
        ("C09", "MORE THAN FIFTEEN"),
    ],
)
def test_data_that_make_no_sense_are_for_a_person(code, data):
    with pytest.raises(Unreadable, match=code):
        corrected(code, data)


@pytest.mark.parametrize("code", ["C08", "C10", "C13", "C14", "C61", "C99"])
def test_codes_nobody_can_apply_are_for_a_person(code):
    assert code not in APPLIED_CODES
    with pytest.raises(Unreadable, match=code):
        corrected(code, "IAT")


def test_neither_refusal_nor_repr_shows_the_account_number():
    with pytest.raises(Unreadable) as refusal:
        corrected("C06", "99887766")

    assert "99887766" not in str(refusal.value)
    assert "99887766" not in repr(corrected("C01", "99887766"))
