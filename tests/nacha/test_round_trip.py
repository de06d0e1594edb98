"""What is written is read back the same, whatever it is."""

import string

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from housing_ach.nacha import (
    EntryColumns,
    EntrySpec,
    check_rows,
    entry_lines,
    read,
    routing_check_digit,
    write,
)
from tests.nacha.made import ODFI, batch, entry, file

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
ACCOUNTS = string.ascii_uppercase + string.digits + "-"


def _text(least: int, most: int, alphabet: str = PRINTABLE) -> st.SearchStrategy[str]:
    """Text that survives blank filling: no blank at either end."""
    return (
        st.text(alphabet, min_size=least, max_size=most)
        .map(str.strip)
        .filter(lambda text: len(text) >= least)
    )


routings = (
    st.integers(0, 99_999_999)
    .map(lambda number: f"{number:08d}")
    .map(lambda first8: first8 + routing_check_digit(first8))
)


@st.composite
def entries(draw: st.DrawFn, sequence: int) -> EntrySpec:
    code = draw(st.sampled_from(["22", "27", "32", "37", "42", "47", "52", "23", "28", "33", "38"]))
    prenote = code[1] in "38"
    return EntrySpec(
        transaction_code=code,
        routing=draw(routings),
        account=draw(_text(1, 17, ACCOUNTS)),
        cents=0 if prenote else draw(st.integers(1, 10**10 - 1)),
        individual_id=draw(_text(0, 15)),
        name=draw(_text(1, 22)),
        discretionary=draw(_text(0, 2)),
        trace=f"{ODFI}{sequence:07d}",
        addenda=draw(st.lists(_text(0, 80), max_size=1)),
    )


@st.composite
def batches(draw: st.DrawFn, number: int, first: int):
    steps = draw(st.lists(st.integers(1, 50), min_size=1, max_size=6))
    sequences = [first + sum(steps[: place + 1]) for place in range(len(steps))]
    return batch(
        *[draw(entries(sequence)) for sequence in sequences],
        number=number,
        service_class="200",
        sec_code=draw(st.sampled_from(["PPD", "CCD"])),
    )


@st.composite
def files(draw: st.DrawFn):
    count = draw(st.integers(1, 4))
    return file(*[draw(batches(number + 1, number * 1000)) for number in range(count)])


@settings(max_examples=30, deadline=None)
@given(files(), st.sampled_from(["\n", "\r\n", ""]))
def test_what_is_written_reads_back_the_same(spec, line_ending):
    found = read(write(spec, line_ending=line_ending))

    assert found.issues.errors == 0
    wanted = [one for some in spec.batches for one in some.entries]
    for given_entry, one in zip(wanted, found.entries, strict=True):
        for name in EntrySpec.__dataclass_fields__.keys() - {"addenda"}:
            assert getattr(one, name) == getattr(given_entry, name)
        told = [addenda.payment_information for addenda in one.addenda]
        assert told == list(given_entry.addenda)
    assert found.columns.lines.tolist() == entry_lines(spec).tolist()
    assert [one.line for one in found.entries] == entry_lines(spec).tolist()


@settings(max_examples=30, deadline=None)
@given(files())
def test_the_columns_say_what_the_entries_say(spec):
    found = read(write(spec))
    columns, objects = found.columns, list(found.entries)

    assert columns.cents.tolist() == [one.cents for one in objects]
    assert columns.traces.tolist() == [int(one.trace) for one in objects]
    assert columns.codes.tolist() == [int(one.transaction_code) for one in objects]
    assert columns.batches.tolist() == [one.batch for one in objects]
    debits = sum(one.cents for one in objects if one.transaction_code[1] >= "5")
    assert found.debit_cents == debits == int(columns.cents[columns.are_debits].sum())
    assert found.credit_cents == int(columns.cents.sum()) - debits
    assert [one for some in found.batches for one in some.entries] == objects


def _columns(count: int, **changes: object) -> EntryColumns:
    numbers = np.arange(1, count + 1)
    values: dict[str, object] = {
        "transaction_code": np.full(count, 27),
        "routing": np.full(count, 21000021),
        "account": np.char.mod("%09d", numbers),
        "cents": numbers * 100,
        "individual_id": np.char.mod("LEASE-%d", numbers).astype("S"),
        "name": np.full(count, "ALICE TENANT"),
        "trace": int(ODFI) * 10**7 + numbers,
    }
    return EntryColumns(**{**values, **changes})


def test_numbers_and_text_make_the_same_file():
    numbers = _columns(20_000)
    texts = _columns(
        20_000,
        transaction_code=np.full(20_000, b"27"),
        routing=np.full(20_000, "021000021"),
        trace=np.char.mod("%015d", np.asarray(numbers.trace)),
    )

    one, other = (write(file(batch(entries=columns))) for columns in (numbers, texts))

    assert one == other
    assert read(one).issues.counts == {}


def test_small_batches_of_numbers_and_text_are_written_together():
    texts = _columns(3, trace=np.array([f"{ODFI}{number:07d}" for number in (11, 12, 13)]))

    data = write(file(batch(entries=_columns(3)), batch(entries=texts, number=2)))

    assert read(data).issues.counts == {}
    assert read(data).columns.batches.tolist() == [0, 0, 0, 1, 1, 1]


def test_batches_that_cross_the_blocks_of_a_pass_add_up():
    sizes = [5000, 1, 9000, 40, 7168, 3]
    starts = np.cumsum([0, *sizes])
    some = [
        batch(
            number=index + 1,
            entries=_columns(size, trace=int(ODFI) * 10**7 + start + np.arange(1, size + 1)),
        )
        for index, (size, start) in enumerate(zip(sizes, starts, strict=False))
    ]

    found = read(write(file(*some)))

    assert found.issues.counts == {}
    assert [len(one.entries) for one in found.batches] == sizes
    assert [one.debit_cents for one in found.batches] == [
        100 * size * (size + 1) // 2 for size in sizes
    ]


def test_layouts_that_alternate_are_read_each_by_its_own():
    some = [
        batch(
            entry(
                2 * number,
                addenda=["x"] if number % 2 else [],
                name="0001ACME" if number % 2 else "ANN",
            ),
            entry(2 * number + 1, name="0000ACME" if number % 2 else "BOB"),
            number=number,
            sec_code="CTX" if number % 2 else "PPD",
        )
        for number in range(1, 7)
    ]

    found = read(write(file(*some)))

    assert found.issues.counts == {}
    assert found.columns.cents.tolist() == [120_000 + number for number in range(2, 14)]
    assert [one.name for one in found.entries] == ["ACME", "ACME", "ANN", "BOB"] * 3


def test_a_spec_of_many_blocks_names_the_right_row():
    trace = int(ODFI) * 10**7 + np.arange(1, 20_001)
    trace[12_345] -= 1

    errors = check_rows(file(batch(entries=_columns(20_000, trace=trace))))

    assert [(error.batch, error.row, error.field) for error in errors] == [(0, 12_345, "trace")]
