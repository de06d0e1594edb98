"""A file that is not whole is not used at all, wherever it breaks off and whatever digit is wrong."""

from datetime import date

import pytest

from housing_ach.bank.models import BankProfile
from housing_ach.batches.models import BankFile
from housing_ach.returns.services import Unusable, delivery_of
from tests.returns.letters import Letter, render

LETTERS = [
    Letter("R01", "123456780000001", 1000_00, "11100002"),
    Letter("C02", "123456780000002", 0, "11100002", number=2, data="323232322"),
]
WHOLE = render(LETTERS, on=date(2026, 3, 4))
SHORT = render(LETTERS[:1], on=date(2026, 3, 4))
# A file control that lacks its last blanks is read as if they were there.
ENOUGH = SHORT.rindex(b"\n9000001") + len("\n9") + 54


def read(content: bytes):
    return delivery_of(BankFile(profile=BankProfile(rule_overrides={})), content)


def test_the_whole_file_names_its_day_and_its_entries():
    delivery = read(WHOLE)

    assert delivery.banking_on == date(2026, 3, 4)
    assert [info.code for _, info in delivery.returns()] == ["R01"]
    assert [info.code for _, info in delivery.corrections()] == ["C02"]
    assert delivery.tells_of_returns
    assert not delivery.strangers


def test_a_file_that_breaks_off_anywhere_before_its_control_is_unusable():
    whole = []
    for end in range(ENOUGH):
        try:
            read(SHORT[:end])
        except Unusable:
            continue
        whole.append(end)

    assert not whole


@pytest.mark.parametrize("digit", b"07")
def test_any_other_digit_in_amounts_and_controls_makes_it_unusable(digit):
    text = WHOLE.decode().splitlines(keepends=True)
    places = [
        sum(map(len, text[:number])) + column
        for number, line in enumerate(text)
        for column in {"6": range(29, 39), "8": range(4, 44), "9": range(1, 55)}.get(line[0], ())
        if line.strip() != "9" * 94
    ]
    accepted = []
    for place in places:
        if WHOLE[place] != digit:
            broken = bytearray(WHOLE)
            broken[place] = digit
            try:
                read(bytes(broken))
            except Unusable:
                continue
            accepted.append(place)

    assert not accepted


def test_entries_of_our_own_kind_are_strangers():
    forward = WHOLE.replace(b"\n626", b"\n627").replace(b"799R01", b"705   ")

    with pytest.raises(Unusable):
        read(forward)


def test_the_refusal_names_the_line_and_no_account_number():
    with pytest.raises(Unusable, match="line 3") as refusal:
        read(WHOLE.replace(b"9900123456", b"99001\x0123456", 1))

    assert "9900123456" not in str(refusal.value)
