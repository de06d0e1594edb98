"""What the ERP holds of a day, as the command shows it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from housing_ach.erp.services import post_waiting
from tests.erp.conftest import DAY, LATER, plan, rent
from tests.factories import FundFactory


@pytest.fixture
def posted(erp):
    rent(FundFactory(code="OPERATING"), 1)
    plan()
    post_waiting(at=LATER)
    return erp


def shown():
    out = StringIO()
    call_command("erp_totals", "books", str(DAY), stdout=out)
    return out.getvalue()


def test_each_fund_is_a_row(posted):
    row = shown().splitlines()[1].split()

    assert row == ["OPERATING", "2", "1,000.00", "1,000.00", "agrees"]


def test_what_was_changed_over_there_is_told(posted):
    posted.do("UPDATE pay_gl_line SET debit = debit + 1 WHERE debit > 0")

    with pytest.raises(CommandError, match="not ours"):
        shown()


def test_a_database_that_is_gone_is_told_without_its_address(posted):
    posted.do("ALTER TABLE pay_gl_line RENAME TO elsewhere")

    with pytest.raises(CommandError, match="books cannot be asked: ProgrammingError"):
        shown()


def test_a_day_without_a_posting_is_told(erp):
    with pytest.raises(CommandError, match="nothing of 2026-03-01 was posted"):
        shown()


def test_an_unknown_target_is_named(db):
    with pytest.raises(CommandError, match="no target books"):
        shown()
