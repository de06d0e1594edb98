"""What the holder of a sandbox account would see of the credits it received."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.bank.statement import credits_of
from tests.sandbox.letterbox import evening, send
from tests.sandbox.payment_file import EFFECTIVE_ON, SENT_AT, Line, made_batch, made_file

HIS, HERS = "9900123456", "9900654321"


@pytest.fixture
def folder(tmp_path):
    bank = AnsweringBank(tmp_path, seed=7)
    bank.tick(SENT_AT)
    credits_ = [
        Line(account=HIS, cents=73, code="22"),
        Line(account=HIS, cents=7, code="22"),
        Line(account=HERS, cents=55, code="32"),
    ]
    debit = Line(account=HIS, cents=1000_00)
    micro = made_batch(*credits_, description="ACCTVERIFY", first_trace=11)
    send(bank, made_file(made_batch(debit), micro))
    bank.tick(evening(date(2026, 11, 16)))
    assert credits_of(tmp_path, HIS) == []
    bank.tick(evening(EFFECTIVE_ON))
    return tmp_path


def test_it_shows_the_account_its_own_settled_credits(folder):
    seen = credits_of(folder, HIS)

    assert [(row.on, row.company, row.description, row.cents) for row in seen] == [
        (EFFECTIVE_ON, "ALDER HOUSING", "ACCTVERIFY", 73),
        (EFFECTIVE_ON, "ALDER HOUSING", "ACCTVERIFY", 7),
    ]


def test_the_command_writes_a_line_for_each(folder):
    out = StringIO()

    call_command("receiver_statement", HERS, folder=folder, stdout=out)

    assert out.getvalue().split() == [str(EFFECTIVE_ON), "ALDER", "HOUSING", "ACCTVERIFY", "0.55"]


def test_where_there_is_no_bank_there_is_nothing_to_see(tmp_path):
    assert credits_of(tmp_path, HIS) == []


def test_live_mode_has_no_such_statement(settings, folder):
    settings.LIVE_MODE = True

    with pytest.raises(CommandError, match="no sandbox bank"):
        call_command("receiver_statement", HIS, folder=folder)
