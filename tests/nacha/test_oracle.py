"""achkit, a codec of other people, reads what we write and judges as we do."""

import achkit
import pytest
from hypothesis import given, settings

from housing_ach.nacha import read, valid_routing, write
from housing_ach.nacha.digits import routing_check_digit
from tests.nacha.made import CLEAN, changed
from tests.nacha.test_round_trip import files, routings


@settings(max_examples=40, deadline=None)
@given(files())
def test_it_reads_what_we_write(spec):
    text = write(spec).decode()

    assert [error["code"] for error in achkit.validate(text)["errors"]] == []
    theirs = achkit.parse(text)
    assert [one["sec"] for one in theirs["batches"]] == [one.sec_code for one in spec.batches]
    for their_batch, our_batch in zip(theirs["batches"], spec.batches, strict=True):
        for theirs_one, ours in zip(their_batch["entries"], our_batch.entries, strict=True):
            assert theirs_one["trace_number"] == ours.trace
            assert theirs_one["account"] == ours.account
            assert theirs_one["amount_cents"] == ours.cents
            assert theirs_one["txn_code"] == int(ours.transaction_code)


def test_we_read_what_it_writes():
    theirs = achkit.AchFile.create(
        origin_dfi="091000019", company_id="1234567890", origin_name="ACME", destination_name="BANK"
    )
    for number in range(3):
        some = theirs.batch(sec="PPD", description="RENT", effective_date="2026-01-06")
        some.debit("JANE DOE", "021000021", f"00{number}123", 124_050, id_number="LEASE-1")
        some.credit("ACME LLC", "091000019", "1899", 500, addenda="INVOICE 7")

    found = read(theirs.render().encode())

    # It numbers the traces of each batch from 1 again, which we call a repeated trace.
    assert set(found.issues.counts) == {"E18"}
    assert (found.batch_count, found.entry_count) == (3, 6)
    assert (found.debit_cents, found.credit_cents) == (3 * 124_050, 3 * 500)
    assert found.entries[1].addenda[0].payment_information == "INVOICE 7"


@given(routings)
def test_it_finds_the_same_check_digits(routing):
    assert achkit.is_valid_routing(routing)
    assert valid_routing(routing)
    other = str((int(routing[8]) + 1) % 10)
    assert not valid_routing(routing[:8] + other)
    assert not valid_routing(routing[:8])
    assert not valid_routing(routing[:8] + "X")


@pytest.mark.parametrize("wrong", ["", "1234567", "1234567X", "١٢٣٤٥٦٧٨"])
def test_a_check_digit_needs_eight_digits(wrong):
    with pytest.raises(ValueError, match="eight digits"):
        routing_check_digit(wrong)


@pytest.mark.parametrize(
    ("line", "column", "text", "code"),
    [
        (3, 12, "2", "BAD_ROUTING_CHECKSUM"),
        (5, 10, "9", "BAD_BATCH_COUNT"),
        (5, 20, "0", "BAD_ENTRY_HASH"),
        (5, 32, "1", "BAD_BATCH_DEBIT"),
        (5, 44, "1", "BAD_BATCH_CREDIT"),
        (10, 7, "9", "BAD_FILE_BATCH_COUNT"),
        (10, 13, "9", "BAD_BLOCK_COUNT"),
        (10, 21, "9", "BAD_FILE_COUNT"),
        (10, 31, "0", "BAD_FILE_HASH"),
        (10, 43, "1", "BAD_FILE_DEBIT"),
        (10, 55, "1", "BAD_FILE_CREDIT"),
    ],
)
def test_what_it_refuses_we_refuse(line, column, text, code):
    data = changed(CLEAN, line, column, text)

    assert code in [error["code"] for error in achkit.validate(data.decode())["errors"]]
    assert read(data).issues.errors
