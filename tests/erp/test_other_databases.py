"""SQL Server and Oracle: all of our code but the vendors' drivers, on H2 (bin/test --full)."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from django.conf import settings
from django.core.management import call_command
from sqlalchemy.exc import DBAPIError

from housing_ach.cases.models import Case
from housing_ach.erp.contract import JOURNAL, LINE, Entry, Line
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.selectors import entry_of
from housing_ach.erp.services import add_target, check_totals, day_totals, post_again, post_waiting
from housing_ach.erp.services.posting import WAITS
from housing_ach.erp.services.targets import DRIVERS, engine_of
from housing_ach.erp.services.writing import write
from housing_ach.erp.states import Dialect, PostingStatus
from tests.erp import h2
from tests.erp.conftest import DAY, Erp, plan, rent
from tests.factories import AT, FundFactory

pytestmark = pytest.mark.full
NUMBERS = itertools.count(1)
MOST = 10**16 - 1
HEADERS = "SELECT source_ref, fund, line_count, total_debit FROM pay_gl_journal"


@pytest.fixture(params=[Dialect.MSSQL, Dialect.ORACLE])
def erp(request, committed_db, monkeypatch):
    """With the tables as a customer makes them: by our script."""
    h2.start()
    dialect = request.param
    monkeypatch.setitem(DRIVERS, dialect, h2.DRIVERS[dialect])
    url = f"{dialect.lower()}://sa@h2/books{next(NUMBERS)}"
    target = add_target(name="books", dialect=dialect, url=url, schema="", starts_on=DAY)
    erp = Erp(target, engine_of(target))
    with erp.engine.connect():
        for statement in script(dialect):
            erp.do(statement)
        yield erp


@pytest.fixture
def posting(erp):
    rent(FundFactory(code="OPERATING"), 1, cents=MOST)
    plan()
    return Posting.objects.get()


def script(dialect):
    text = Path(settings.BASE_DIR, f"deploy/erp/{dialect.lower()}.sql").read_text()
    return [statement for statement in text.split(";") if statement.strip()]


def is_now(posting):
    posting.refresh_from_db()
    return posting.status


def test_a_day_is_in_the_erp_to_the_cent(erp, posting):
    assert post_waiting(at=AT) == 1

    ((ref, fund, lines, total),) = erp.ask(HEADERS)
    assert is_now(posting) == PostingStatus.POSTED
    assert (ref, fund, lines) == (posting.source_ref, "OPERATING", 2)
    assert str(total) == "99999999999999.99"


def test_what_is_there_already_is_taken_for_posted(erp, posting):
    """As after a death behind the commit: the second insert is rejected, and what is there is read."""
    assert write(erp.engine, entry_of(posting))

    post_waiting(at=AT + WAITS[0])

    assert is_now(posting) == PostingStatus.POSTED
    assert len(erp.ask(HEADERS)) == 1


def test_a_commit_that_never_came_leaves_nothing(erp, posting):
    with erp.engine.connect() as connection:
        connection.execute(sa.insert(JOURNAL), [{**header(posting), "source_ref": "HMS-CUT"}])

    assert erp.ask(HEADERS) == []


def header(posting):
    return {
        "source_ref": posting.source_ref, "content_sha256": "x", "posting_date": DAY, "fund": "X",
        "currency": "USD", "line_count": 2, "total_debit": 1, "total_credit": 1,
    }  # fmt: skip


def test_a_long_day_is_read_back_as_it_was_written(erp):
    """SQL Server takes 2,100 values in a statement, the lines of a day are more."""
    sides = [(cents, 0) for cents in range(1, 1001)] + [(0, 500_500)]
    lines = [Line("1", "1200", "tenant:1", "", "CHARGE", "r", *side) for side in sides]

    assert write(erp.engine, Entry("HMS-LONG", DAY, "OPERATING", lines))

    assert erp.ask("SELECT count(*) FROM pay_gl_line") == [(1001,)]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("UPDATE pay_gl_line SET account = '9999' WHERE line_no = 1", "lines differ"),
        ("UPDATE pay_gl_journal SET posting_date = DATE '2026-01-01'", "posting_date differ"),
        ("DELETE FROM pay_gl_line", "lines differ"),
    ],
)
def test_a_conflict_stops_the_target_until_a_person_says_so(erp, posting, edit, told):
    write(erp.engine, entry_of(posting))
    erp.do(edit)

    assert post_waiting(at=AT) == 0

    assert is_now(posting) == PostingStatus.CONFLICT
    assert told in Case.objects.get().summary
    erp.do("DELETE FROM pay_gl_line")
    erp.do("DELETE FROM pay_gl_journal")
    post_again(posting, at=AT)
    assert post_waiting(at=AT) == 1


def test_what_a_rule_of_theirs_refuses_becomes_a_case(erp, posting):
    erp.do("ALTER TABLE pay_gl_line ADD CONSTRAINT known CHECK (account <> '4000')")

    post_waiting(at=AT)

    assert is_now(posting) == PostingStatus.CONFLICT
    assert "refused" in Case.objects.get().summary
    assert erp.ask(HEADERS) == []


@pytest.mark.parametrize(
    ("debit", "credit"), [(1, 1), (0, 0), (-1, 0)], ids=["both", "neither", "less"]
)
def test_their_own_tables_refuse_a_line_of_no_one_side(erp, posting, debit, credit):
    write(erp.engine, entry_of(posting))
    line = {
        "source_ref": posting.source_ref, "line_no": 3, "account": "1", "ledger_account": "1",
        "event": "X", "reference": "x", "debit": debit, "credit": credit,
    }  # fmt: skip

    with pytest.raises(DBAPIError, match=r"(?i)pay_gl_one_side"), erp.engine.begin() as connection:
        connection.execute(sa.insert(LINE), [line])


def test_twelve_racing_posters_make_one_posting(erp, posting):
    entry = entry_of(posting)

    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda _n: write(erp.engine, entry), range(12)))

    assert made.count(True) == 1
    assert len(erp.ask(HEADERS)) == 1


def test_totals_agree_and_a_difference_becomes_a_case(erp, posting):
    post_waiting(at=AT)
    check_totals(at=AT)
    assert [total.ours for total in day_totals(erp.target, DAY) if total.agrees] == [
        (2, MOST, MOST)
    ]
    assert not Case.objects.exists()
    erp.do("DELETE FROM pay_gl_line WHERE line_no = 2")

    check_totals(at=AT)

    assert "totals" in Case.objects.get().summary


def test_a_table_that_is_gone_is_tried_later(erp, posting):
    erp.do("ALTER TABLE pay_gl_line RENAME TO away")
    post_waiting(at=AT)
    assert is_now(posting) == PostingStatus.PENDING
    assert posting.problem == "ProgrammingError"
    erp.do("ALTER TABLE away RENAME TO pay_gl_line")

    assert post_waiting(at=AT + timedelta(days=1)) == 1


def test_the_self_test_passes_and_leaves_nothing(erp):
    out = StringIO()

    call_command("erp_selftest", "books", stdout=out)

    assert out.getvalue().splitlines()[-1] == "taken away"
    assert erp.ask(HEADERS) == []


def test_the_tables_may_be_in_a_schema_of_their_own(erp, posting):
    erp.do("CREATE SCHEMA gl")
    for table in ("pay_gl_line", "pay_gl_journal"):
        erp.do(f"DROP TABLE {table}")
    for statement in script(erp.target.dialect):
        erp.do(statement.replace(" pay_gl", " gl.pay_gl"))
    Target.objects.update(schema="gl")

    assert post_waiting(at=AT) == 1

    assert erp.ask("SELECT count(*) FROM gl.pay_gl_line") == [(2,)]
