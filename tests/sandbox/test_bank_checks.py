"""The bank takes what is right and says why it does not take the rest."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from housing_ach.sandbox.bank.bank import AnsweringBank
from tests.sandbox.letterbox import only, rows, send
from tests.sandbox.payment_file import EFFECTIVE_ON, SENT_AT, SETTLING, Line, made_batch, made_file


@pytest.fixture
def bank(tmp_path):
    return AnsweringBank(tmp_path, seed=7)


def acknowledged(bank: AnsweringBank, body: bytes, *, name: str = "ACH-1.ach") -> list[list[str]]:
    before = set(bank.inbound.iterdir())
    send(bank, body, name=name)
    bank.tick(SENT_AT)
    (fresh,) = set(bank.inbound.iterdir()) - before
    return rows(fresh)


def test_a_sound_file_is_accepted_with_its_counts(bank):
    body = made_file(made_batch(SETTLING, SETTLING), made_batch(Line(code="22", cents=5)))

    _, file, first, second, trailer = acknowledged(bank, body)

    assert file[:3] == ["FILE", "ACCEPTED", "ACH-1.ach"]
    assert file[4:12] == ["1987654321", "2026-11-16", "1500", "A", "2", "3", "200000", "5"]
    assert first[1:9] == ["ACCEPTED", "1", "1987654321", "PPD", "2026-11-17", "2", "200000", "0"]
    assert second[7:9] == ["0", "5"]
    assert trailer == ["TRL", "3", "200000", "5"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (made_file(made_batch(SETTLING), hash=11111112), "ENTRY_HASH"),
        (made_file(made_batch(SETTLING), debit=100001), "DEBIT_TOTAL"),
        (made_file(made_batch(SETTLING), credit=1), "CREDIT_TOTAL"),
        (made_file(made_batch(SETTLING), count=2), "ENTRY_COUNT"),
        (made_file(made_batch(SETTLING), batches=2), "BATCH_COUNT"),
        (made_file(made_batch(SETTLING), blocks=2), "BLOCK_COUNT"),
        (made_file(made_batch(SETTLING), destination="111111118"), "DESTINATION"),
        (made_file(made_batch(SETTLING), modifier="a"), "FILE_HEADER"),
        (made_file(made_batch(SETTLING))[:-50], "RECORD_LENGTH"),
        (made_file(made_batch(SETTLING))[:190], "RECORD_ORDER"),
        (made_file(made_batch(SETTLING)).replace(b"\n6", b"\n4"), "RECORD_TYPE"),
        (made_file(made_batch(SETTLING)).replace(b"ADA", "Adé".encode()), "NOT_ASCII"),
        (
            made_file(made_batch(Line(cents=0))).replace(b"0000000000L", b"00000000 0L"),
            "RECORD_TYPE",
        ),
        (b"", "RECORD_LENGTH"),
    ],
)
def test_a_file_that_does_not_add_up_is_rejected_whole(bank, body, reason):
    _, file, trailer = acknowledged(bank, body)

    assert (file[1], file[12]) == ("REJECTED", reason)
    assert trailer == ["TRL", "1", "0", "0"]


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (made_batch(SETTLING, totals={"hash": 1}), "ENTRY_HASH"),
        (made_batch(SETTLING, totals={"debit": 1}), "DEBIT_TOTAL"),
        (made_batch(SETTLING, totals={"count": 9}), "ENTRY_COUNT"),
        (made_batch(SETTLING, odfi="11111111"), "ODFI"),
        (made_batch(SETTLING, sec="IAT"), "SEC_CODE"),
        (made_batch(SETTLING, company_id=""), "COMPANY"),
        (made_batch(SETTLING, description=""), "DESCRIPTION"),
        (made_batch(SETTLING, effective_on=date(2026, 11, 16)), "EFFECTIVE_DATE"),
        (made_batch(SETTLING, effective_on=date(2026, 11, 21)), "EFFECTIVE_DATE"),
        (made_batch(SETTLING, effective_on=date(2026, 11, 24)), "EFFECTIVE_DATE"),
        (made_batch(Line(code="25")), "TRANSACTION_CODE"),
        (made_batch(Line(code="28")), "AMOUNT"),
        (made_batch(Line(cents=0)), "AMOUNT"),
    ],
)
def test_a_batch_with_a_fault_is_rejected_and_the_other_one_is_not(bank, batch, reason):
    _, file, good, bad, trailer = acknowledged(bank, made_file(made_batch(SETTLING), batch))

    assert file[1] == "PARTIAL"
    assert (good[1], bad[1], bad[9]) == ("ACCEPTED", "REJECTED", reason)
    assert trailer == ["TRL", "3", "100000", "0"]


def test_traces_must_ascend(bank):
    body = made_file(made_batch(SETTLING, SETTLING)).replace(b"123456780000002", b"123456780000001")

    _, file, batch, _ = acknowledged(bank, body)

    assert (file[1], file[12], batch[9]) == ("REJECTED", "NO_BATCH_ACCEPTED", "TRACE")


def test_a_wrong_check_digit_comes_back_from_the_operator(bank):
    send(bank, made_file(made_batch(Line(routing="111111119"))))

    bank.tick(SENT_AT)
    bank.tick(SENT_AT + timedelta(days=1))

    assert "799R28123456780000001" in only(bank, "-RETURNS.ach").read_text()


def test_the_same_key_is_refused_whatever_the_file_holds(bank):
    acknowledged(bank, made_file(made_batch(SETTLING)))

    _, file, _ = acknowledged(bank, made_file(made_batch("9900777")), name="ACH-2.ach")

    assert (file[1], file[12]) == ("REJECTED", "DUPLICATE_FILE")


def test_the_key_of_a_rejected_file_may_come_again(bank):
    acknowledged(bank, made_file(made_batch(SETTLING), debit=1))

    _, file, *_ = acknowledged(bank, made_file(made_batch(SETTLING)), name="ACH-2.ach")

    assert file[1] == "ACCEPTED"


def test_what_arrives_after_closing_belongs_to_the_next_banking_day(bank):
    late = SENT_AT.replace(hour=3, day=17)  # 22:00 in New York
    send(bank, made_file(made_batch(SETTLING), at=late))
    bank.tick(late)

    assert rows(only(bank, "ACK"))[2][9] == "EFFECTIVE_DATE"


def test_unfinished_and_hidden_files_are_left_alone(bank):
    send(bank, made_file(made_batch(SETTLING)), name="ACH-1.ach.part")
    send(bank, made_file(made_batch(SETTLING)), name=".ACH-1.ach")
    send(bank, made_file(made_batch(SETTLING)), name=".tmp/ACH-1.ach")

    assert bank.tick(SENT_AT) == []


def test_explanations_hold_no_account_number_and_no_comma(bank):
    account = "9900555666"
    batch = replace(made_batch(Line(account=account, code="28")), effective_on=EFFECTIVE_ON)

    answer = acknowledged(bank, made_file(batch))

    assert account not in str(answer)
    assert {len(row) for row in answer} == {6, 14, 11, 4}
