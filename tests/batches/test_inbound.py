"""The readers take a file whole or not at all."""

from datetime import UTC, date, datetime

import pytest

from housing_ach.batches.inbound import (
    Unreadable,
    read_acknowledgement,
    read_no_activity,
    read_settlement,
    sniff,
)
from housing_ach.batches.states import FileKind

SHA = "5f0c9a1e3b1d0c7a4a4d2a3bb0c5c1d6f0e8b7a9c2d3e4f5a6b7c8d9e0f1a2b3"
ACK = f"""\
HDR,ACK,1,2026-11-23T20:12:00Z,2026-11-23,123456780
FILE,PARTIAL,ACH-20261123-A-5f0c9a1e.ach,{SHA},1987654321,2026-11-23,1510,A,2,3,305000,0,,
BATCH,ACCEPTED,1,1987654321,PPD,2026-11-24,2,245000,0,,
BATCH,REJECTED,2,1987654321,WEB,2026-11-23,1,60000,0,EFFECTIVE_DATE,too early
TRL,3,245000,0
"""
SETTLEMENT = """\
HDR,SETTLEMENT,1,2026-11-25T13:30:00Z,2026-11-25,123456780
BATCH,ACH-20261124-A-77d1b0aa.ach,1,1987654321,2026-11-25,2026-11-25,2,245000,0
RETURN,1987654321,123456780000012,111111110000004,R01,2026-11-25,DEBIT,120000
TRL,2,245000,0,120000,0
"""
NO_RETURNS = """\
HDR,NO_RETURNS,1,2026-11-24T13:00:00Z,2026-11-24,123456780
TRL,0
"""
READERS = {ACK: read_acknowledgement, SETTLEMENT: read_settlement, NO_RETURNS: read_no_activity}


def test_an_acknowledgement_says_what_became_of_each_batch():
    told = read_acknowledgement(ACK.encode())

    assert told.written_at == datetime(2026, 11, 23, 20, 12, tzinfo=UTC)
    assert (told.file.verdict, told.file.sha256, told.file.entry_count) == ("PARTIAL", SHA, 3)
    assert [(batch.number, batch.verdict, batch.reason) for batch in told.batches] == [
        (1, "ACCEPTED", ""),
        (2, "REJECTED", "EFFECTIVE_DATE"),
    ]


def test_a_settlement_report_names_batches_and_charged_returns_with_their_lines():
    told = read_settlement(SETTLEMENT.encode())

    ((line, batch),) = told.batches
    assert (line, batch.number, batch.settled_on, batch.debit_cents) == (
        2,
        1,
        date(2026, 11, 25),
        245000,
    )
    ((line, charged),) = told.returns
    assert (line, charged.trace, charged.code, charged.cents) == (
        3,
        "123456780000012",
        "R01",
        120000,
    )


def test_lines_may_end_as_on_windows():
    assert read_no_activity(NO_RETURNS.replace("\n", "\r\n").encode()).banking_on == date(
        2026, 11, 24
    )


@pytest.mark.parametrize("text", READERS)
def test_a_file_cut_anywhere_is_unreadable(text):
    body = text.encode()

    for end in range(len(body)):
        with pytest.raises(Unreadable):
            READERS[text](body[:end])


@pytest.mark.parametrize("text", [ACK, SETTLEMENT])
def test_a_changed_amount_disagrees_with_the_trailer(text):
    changed = (
        text.replace("245000", "245001", 1)
        if text is SETTLEMENT
        else text.replace("2,245000,0,,", "2,245001,0,,")
    )

    with pytest.raises(Unreadable, match="add up"):
        READERS[text](changed.encode())


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("BATCH,ACCEPTED", "BATCHES,ACCEPTED", "line 3: has no known record"),
        ("BATCH,ACCEPTED,1", "BATCH,ACCEPTED,1,9", "line 3: 11 fields where 10 belong"),
        ("BATCH,ACCEPTED", "BATCH,MAYBE", "line 3, verdict: 'MAYBE' is not allowed here"),
        ("2026-11-24", "2026-11-31", "line 3, effective_on: '2026-11-31'"),
        ("TRL,3", "TRL,4", "promises 4 lines, 3 came"),
        ("FILE,PARTIAL", "FILE,ACCEPTED", "ACCEPTED does not fit its batches"),
        ("HDR,ACK,1", "HDR,ACK,2", "HDR: is not `HDR,ACK,1`"),
        ("too early", "too \xe9arly", "is not ASCII"),
        ("too early", "too\0early", "has a control character"),
        ("2026-11-24", "0001-11-24", "line 3, effective_on: '0001-11-24'"),
    ],
)
def test_it_says_what_is_wrong_and_where(was, becomes, told):
    with pytest.raises(Unreadable) as refused:
        read_acknowledgement(ACK.replace(was, becomes).encode("latin-1"))

    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ACK.encode(), FileKind.ACKNOWLEDGEMENT),
        (SETTLEMENT.encode(), FileKind.SETTLEMENT),
        (NO_RETURNS.encode(), FileKind.NO_ACTIVITY),
        (b"101 123456780 1987654321", FileKind.RETURNS),
        (b"HDR,INVOICE,1", FileKind.UNKNOWN),
        (b"", FileKind.UNKNOWN),
        (b"\x00\xff\n", FileKind.UNKNOWN),
    ],
)
def test_the_kind_follows_from_the_first_line(content, kind):
    assert sniff(content) == kind
