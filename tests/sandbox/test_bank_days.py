"""Dates and money: what settles when, what is charged, and that time may jump and the bank may die."""

from datetime import date, time, timedelta

import pytest

from housing_ach.sandbox.bank import magic
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.bank.magic import Oddity
from housing_ach.sandbox.bank.memory import Memory
from housing_ach.shared.business_days import new_york_at
from tests.sandbox.letterbox import evening, names, only, rows, send
from tests.sandbox.payment_file import SENT_AT, SETTLING, Line, made_batch, made_file

WEDNESDAY = date(2026, 11, 18)


@pytest.fixture
def bank(tmp_path):
    return AnsweringBank(tmp_path, seed=7)


def sent(bank: AnsweringBank, *lines: Line | str) -> None:
    send(bank, made_file(made_batch(*lines)))
    bank.tick(SENT_AT)


def test_a_batch_settles_at_half_past_eight_on_its_effective_date(bank):
    sent(bank, SETTLING)

    bank.tick(new_york_at(date(2026, 11, 17), time(8, 29)))
    assert names(bank, "SETTLEMENT") == []

    bank.tick(new_york_at(date(2026, 11, 17), time(8, 30)))
    header, batch, trailer = rows(only(bank, "SETTLEMENT"))
    assert header[1:5] == ["SETTLEMENT", "1", "2026-11-17T13:30:00Z", "2026-11-17"]
    assert batch[1:] == [
        *("ACH-1.ach", "1", "1987654321", "2026-11-17", "2026-11-17", "1", "100000", "0"),
    ]
    assert trailer == ["TRL", "1", "100000", "0", "0", "0"]


def test_a_return_is_charged_on_the_date_of_its_file(bank):
    sent(bank, magic.return_account("R01"), SETTLING, Line(magic.return_account("R23"), 7, "22"))

    bank.tick(evening(WEDNESDAY))

    _, *returns, trailer = rows(bank.inbound / names(bank, "SETTLEMENT")[-1])
    assert [[*row[4:]] for row in returns] == [
        ["R01", "2026-11-18", "DEBIT", "100000"],
        ["R23", "2026-11-18", "CREDIT", "7"],
    ]
    assert trailer == ["TRL", "2", "0", "0", "100000", "7"]


def test_a_returned_prenote_is_listed_with_nothing_and_charged_nothing(bank):
    sent(bank, Line(account=magic.return_account("R03"), code="28", cents=0))

    bank.tick(evening(WEDNESDAY))

    (_, batch, trailer) = rows(only(bank, "SETTLEMENT"))
    assert batch[6:] == ["1", "0", "0"]
    assert trailer[1:] == ["1", "0", "0", "0", "0"]


def test_every_banking_day_has_returns_or_a_notice_that_there_are_none(bank):
    sent(bank, magic.return_account("R01"))

    bank.tick(evening(date(2026, 11, 27)))

    told = {name[:8]: name[21:] for name in names(bank, "RETURNS")}
    assert told == {
        "20261117": "NO-RETURNS.csv",
        "20261118": "RETURNS.ach",
        "20261119": "NO-RETURNS.csv",
        "20261120": "NO-RETURNS.csv",
        "20261123": "NO-RETURNS.csv",
        "20261124": "NO-RETURNS.csv",
        "20261125": "NO-RETURNS.csv",
        "20261127": "NO-RETURNS.csv",
    }


def busy(bank: AnsweringBank) -> None:
    codes = ("R01", "R02", "R10", "R13", "R16", "R29")
    oddities = [odd for odd in Oddity if odd != Oddity.FILE_REJECTED]
    sent(
        bank,
        *(magic.return_account(code) for code in codes),
        *(magic.correction_account(code) for code in sorted(magic.CORRECTION_CODES)),
        SETTLING,
        Line(code="22"),
    )
    odd = made_batch(*(magic.odd_account(oddity) for oddity in oddities), first_trace=100)
    send(bank, made_file(odd, modifier="B"), name="ACH-2.ach")
    bank.tick(SENT_AT)
    send(bank, made_file(odd, modifier="C"), name="ACH-3.ach")
    bank.tick(SENT_AT)


def letters(bank: AnsweringBank) -> dict[str, bytes]:
    return {name: (bank.inbound / name).read_bytes() for name in names(bank)}


def test_one_jump_answers_like_every_hour_of_the_way(tmp_path):
    steady, sleeper = AnsweringBank(tmp_path / "a", 7), AnsweringBank(tmp_path / "b", 7)
    busy(steady)
    busy(sleeper)

    at, end = SENT_AT, SENT_AT + timedelta(days=60)
    while at < end:
        at += timedelta(hours=7)
        steady.tick(at)
    sleeper.tick(at)

    assert letters(steady) == letters(sleeper)
    assert len(letters(steady)) > 45


def test_ticking_again_does_nothing(bank):
    busy(bank)
    bank.tick(evening(WEDNESDAY))
    before = letters(bank)

    assert bank.tick(evening(WEDNESDAY)) == []
    assert bank.tick(SENT_AT) == []
    assert letters(bank) == before


def test_a_new_process_knows_everything(tmp_path):
    first, other = AnsweringBank(tmp_path / "a", 7), AnsweringBank(tmp_path / "b", 7)
    busy(first)
    busy(other)

    AnsweringBank(tmp_path / "a", 7).tick(evening(WEDNESDAY))
    other.tick(evening(WEDNESDAY))

    assert letters(AnsweringBank(tmp_path / "a", 7)) == letters(other)


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


@pytest.mark.parametrize("step", ["keep_file", "plan", "take_due", "settle", "published"])
def test_a_bank_killed_at_work_loses_and_doubles_nothing(tmp_path, monkeypatch, step):
    whole, broken = AnsweringBank(tmp_path / "a", 7), AnsweringBank(tmp_path / "b", 7)
    body = made_file(made_batch(magic.return_account("R01"), SETTLING))
    for bank in (whole, broken):
        bank.tick(SENT_AT - timedelta(days=1))
        send(bank, body)
    with monkeypatch.context() as patched:
        patched.setattr(Memory, step, kill)
        with pytest.raises(Killed):
            broken.tick(evening(WEDNESDAY))

    broken.tick(evening(WEDNESDAY))
    whole.tick(evening(WEDNESDAY))

    assert letters(broken) == letters(whole)


def kill(*_args: object, **_kwargs: object) -> None:
    raise Killed


def test_a_file_found_late_was_received_when_it_was_made(bank):
    bank.tick(SENT_AT - timedelta(days=1))
    send(bank, made_file(made_batch(SETTLING)))

    bank.tick(SENT_AT + timedelta(days=30))

    assert names(bank, "SETTLEMENT")[0].startswith("20261117-0830")


def test_a_folder_keeps_its_seed(bank):
    with pytest.raises(ValueError, match="begun with seed 7"):
        AnsweringBank(bank.folder, seed=8)
