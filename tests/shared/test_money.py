import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_ach.shared.money import BadAmount, cents_of, dollars, split
from housing_ach.shared.problems import Refusal

CENTS = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0.00"), (5, "0.05"), (123456, "1,234.56"), (-123456, "-1,234.56"), (-5, "-0.05")],
)
def test_cents_are_shown_as_dollars(cents, text):
    assert dollars(cents) == text


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1,234.56", 123456), ("$1234.5", 123450), (" 1234 ", 123400), ("0.05", 5)],
)
def test_what_people_write_is_read_to_the_cent(text, cents):
    assert cents_of(text) == cents


@pytest.mark.parametrize(
    "text", ["", "-1", "1.234", "1,23.45", "12,345,6", "1e3", "٣", "1.2.3", "."]
)
def test_what_is_no_amount_is_refused_by_field_and_value(text):
    with pytest.raises(BadAmount, match="rent: ") as told:
        cents_of(text, field="rent")

    assert told.value.field == "rent"
    assert repr(text) in str(told.value)


@given(CENTS)
def test_shown_and_read_is_the_same(cents):
    assert cents_of(dollars(cents)) == cents


@pytest.mark.parametrize(
    ("cents", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (200, [1, 1, 1], [68, 66, 66]),
        (100000, [2, 1], [66667, 33333]),
        (101, [0, 1, 1], [0, 51, 50]),
    ],
)
def test_the_odd_cents_go_to_the_first(cents, weights, parts):
    assert split(cents, weights) == parts


@given(CENTS, st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=6))
def test_shares_sum_to_the_whole(cents, weights):
    assert sum(split(cents, weights)) == cents


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_shares_of_nothing_are_refused(weights):
    with pytest.raises(Refusal, match="weights"):
        split(100, weights)
