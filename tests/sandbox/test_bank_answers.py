"""What comes back, when, and that nothing but seed, payer, period and attempt decides."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from housing_ach.sandbox.bank import magic
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.bank.magic import Oddity
from tests.sandbox.letterbox import evening, names, only, records, returns_by_date, rows, send
from tests.sandbox.payment_file import SENT_AT, SETTLING, Line, made_batch, made_file

LATER = evening(date(2026, 11, 20))
TRACE = "123456780000001"


@pytest.fixture
def bank(tmp_path):
    return AnsweringBank(tmp_path, seed=7)


def live(bank: AnsweringBank, *lines: Line | str, until=LATER, **changes: object) -> None:
    send(bank, made_file(made_batch(*lines, **changes)))
    bank.tick(SENT_AT)
    bank.tick(until)


@pytest.mark.parametrize(
    ("account", "answer"),
    [
        (magic.return_account("R01"), ("20261118", "R01", TRACE)),
        (magic.return_account("R02"), ("20261118", "R02", TRACE)),
        (magic.return_account("R13"), ("20261117", "R13", TRACE)),
        (magic.return_account("R10"), ("20261124", "R10", TRACE)),
        (magic.odd_account(Oddity.LATE_RETURN), ("20261228", "R10", TRACE)),
        (magic.odd_account(Oddity.UNKNOWN_CODE), ("20261118", "R98", TRACE)),
        (magic.odd_account(Oddity.UNKNOWN_TRACE), ("20261118", "R01", "123456789999999")),
    ],
)
def test_a_test_account_is_returned_on_its_day(bank, account, answer):
    live(bank, account, until=evening(date(2027, 1, 15)))

    assert returns_by_date(bank, "-RETURNS.ach") == [answer]


def test_every_return_code_can_be_asked_for(bank):
    codes = sorted(magic.RETURN_CODES - magic.CREDIT_ONLY_CODES)

    live(bank, *(magic.return_account(code) for code in codes), until=evening(date(2026, 12, 1)))

    assert sorted(code for _, code, _ in returns_by_date(bank, "-RETURNS.ach")) == codes


def test_credits_and_prenotes_are_spared_what_cannot_happen_to_them(bank):
    no_money = Line(account=magic.return_account("R01"), code="28", cents=0)
    refund = Line(account=magic.return_account("R10"), code="22")
    refused = Line(account=magic.return_account("R23"), code="32")
    closed = Line(account=magic.return_account("R02"), code="38", cents=0)

    live(bank, no_money, refund, refused, closed, until=evening(date(2026, 12, 1)))

    returned = records(only(bank, "-RETURNS.ach"), "6")
    assert [line[1:3] for line in returned] == ["31", "36"]
    assert [line[29:39] for line in returned] == ["0000100000", "0000000000"]


@pytest.mark.parametrize("code", sorted(magic.CORRECTION_CODES))
def test_a_correction_is_not_repeated_once_it_was_taken_over(bank, code):
    wrong = Line(account=magic.correction_account(code, "4711"))
    live(bank, wrong)
    data = records(only(bank, "CORRECTIONS"), "798")[0][35:64]
    fixed = corrected(wrong, code, data)

    send(
        bank, made_file(made_batch(fixed, effective_on=date(2026, 11, 24)), modifier="B"), name="2"
    )
    bank.tick(LATER)
    bank.tick(LATER + timedelta(days=20))

    assert len(names(bank, "CORRECTIONS")) == (2 if code in {"C13", "C14"} else 1)


def corrected(line: Line, code: str, data: str) -> Line:
    parts = {
        "C01": {"account": data[0:17]},
        "C02": {"routing": data[0:9]},
        "C03": {"routing": data[0:9], "account": data[12:29]},
        "C04": {"name": data[0:22]},
        "C05": {"code": data[0:2]},
        "C06": {"account": data[0:17], "code": data[20:22]},
        "C07": {"routing": data[0:9], "account": data[9:26], "code": data[26:28]},
        "C09": {"person": data[0:15]},
    }
    return replace(line, **{name: text.strip() for name, text in parts.get(code, {}).items()})


def test_an_unreadable_correction_has_no_routing_number(bank):
    live(bank, magic.odd_account(Oddity.UNREADABLE_CORRECTION))

    (line,) = records(only(bank, "CORRECTIONS"), "798")
    assert line[3:6] == "C02"
    assert not line[35:44].isdigit()


def test_an_account_recovers_at_the_retry(bank):
    account = magic.recovering_account("R01", attempts=1)
    live(bank, account)
    retry = made_batch(
        account, effective_on=date(2026, 11, 23), description="RETRY PYMT", first_trace=2
    )

    send(bank, made_file(retry, modifier="B"), name="2")
    bank.tick(LATER)
    bank.tick(LATER + timedelta(days=20))

    assert returns_by_date(bank, "-RETURNS.ach") == [("20261118", "R01", TRACE)]


def test_the_file_of_a_silent_account_settles_without_acknowledgement(bank):
    live(bank, magic.odd_account(Oddity.NEVER_ACKNOWLEDGED))

    assert names(bank, "ACK") == []
    assert rows(only(bank, "SETTLEMENT"))[1][7] == "100000"


@pytest.mark.parametrize("oddity", [Oddity.FILE_REJECTED, Oddity.BATCH_REJECTED])
def test_what_is_refused_once_is_taken_the_second_time(bank, oddity):
    batch = made_batch(magic.odd_account(oddity))

    for number in "AB":
        send(bank, made_file(batch, modifier=number), name=number)
        bank.tick(SENT_AT)

    files = [rows(bank.inbound / name)[1] for name in names(bank, "ACK")]
    assert [file[1] for file in files] == ["REJECTED", "ACCEPTED"]


def test_a_refused_batch_leaves_the_others_of_its_file(bank):
    refused = made_batch(magic.odd_account(Oddity.BATCH_REJECTED))

    send(bank, made_file(made_batch(SETTLING), refused))
    bank.tick(SENT_AT)

    assert [row[1] for row in rows(only(bank, "ACK"))[1:4]] == ["PARTIAL", "ACCEPTED", "REJECTED"]


def test_a_repeated_return_file_is_the_same_to_the_byte(bank):
    live(bank, magic.odd_account(Oddity.RETURN_FILE_REPEATED))

    first, again = (bank.inbound / name for name in names(bank, "-RETURNS.ach"))
    assert first.read_bytes() == again.read_bytes()
    assert again.name.startswith("20261118-1200")


def test_a_return_file_cut_short_comes_whole_at_noon(bank):
    live(bank, magic.odd_account(Oddity.RETURN_FILE_CUT_SHORT))

    first, again = ((bank.inbound / name).read_bytes() for name in names(bank, "-RETURNS.ach"))
    assert again.startswith(first)
    assert len(again) % 950 == 0
    assert len(first) % 95 != 0


def test_a_second_return_has_another_trace_and_is_not_charged(bank):
    live(bank, magic.odd_account(Oddity.SECOND_RETURN))

    assert [day for day, _, trace in returns_by_date(bank, "-RETURNS.ach") if trace == TRACE] == [
        "20261118",
        "20261119",
    ]
    charged = [
        row
        for name in names(bank, "SETTLEMENT")
        for row in rows(bank.inbound / name)
        if row[0] == "RETURN"
    ]
    assert [row[3][-1] for row in charged] == ["1"]


def test_a_wrong_amount_is_one_cent_too_much(bank):
    live(bank, magic.odd_account(Oddity.WRONG_AMOUNT))

    (line,) = records(only(bank, "-RETURNS.ach"), "6")
    assert line[29:39] == "0000100001"


def people(count: int) -> list[Line]:
    return [
        Line(account=f"4{n:09}", person=f"L{n:07}T{n:06}", cents=1000_00 + n)
        for n in range(1, count + 1)
    ]


def outcome(folder, lines, **changes: object) -> list[tuple[str, str, str]]:
    """(date, code, person) of everything that came back."""
    bank = AnsweringBank(folder, seed=changes.pop("seed", 7))
    live(bank, *lines, until=evening(date(2027, 1, 29)), **changes)
    return sorted(
        (name[:8], second[3:6], first[39:54])
        for kind in ("-RETURNS.ach", "CORRECTIONS")
        for name in names(bank, kind)
        for first, second in zip(
            records(bank.inbound / name, "6"), records(bank.inbound / name, "7"), strict=True
        )
    )


def test_neither_order_nor_trace_nor_account_changes_what_is_drawn(tmp_path):
    lines = people(400)
    moved = [replace(line, account=f"5{line.account[1:]}") for line in reversed(lines)]

    first = outcome(tmp_path / "a", lines)
    second = outcome(tmp_path / "b", moved, first_trace=5000)

    assert first == second
    assert first


def test_another_seed_or_period_draws_other_payers(tmp_path):
    lines = people(400)

    month = outcome(tmp_path / "a", lines)

    assert month != outcome(tmp_path / "b", lines, period="DEC 26")
    assert month != outcome(tmp_path / "c", lines, seed=8)


def test_about_two_debits_in_a_hundred_come_back(tmp_path):
    codes = [code for _, code, _ in outcome(tmp_path, people(5000))]

    returns = [code for code in codes if code.startswith("R")]
    assert 70 <= len(returns) <= 130
    assert returns.count("R01") > len(returns) / 2
