from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlglot
from django.conf import settings
from sqlalchemy.dialects import mssql, oracle

from housing_ach.erp.contract import JOURNAL, LINE, cents, ddl, dollars
from housing_ach.erp.states import Dialect

PARSED_AS = {Dialect.POSTGRESQL: "postgres", Dialect.MSSQL: "tsql", Dialect.ORACLE: "oracle"}
STATEMENTS = [
    sa.insert(JOURNAL),
    sa.insert(LINE),
    sa.select(JOURNAL).where(JOURNAL.c.source_ref == "x"),
    sa.select(LINE).where(LINE.c.source_ref == "x").order_by(LINE.c.line_no),
    sa.select(JOURNAL.c.fund, sa.func.count(), sa.func.sum(LINE.c.debit))
    .join_from(JOURNAL, LINE)
    .group_by(JOURNAL.c.fund),
]


@pytest.mark.parametrize("dialect", Dialect)
def test_the_scripts_are_what_the_command_writes(dialect):
    script = Path(settings.BASE_DIR, f"deploy/erp/{dialect.lower()}.sql")

    assert script.read_text() == ddl(dialect)


@pytest.mark.parametrize("dialect", Dialect)
def test_the_scripts_parse_in_their_own_dialect(dialect):
    made = sqlglot.parse(ddl(dialect), read=PARSED_AS[dialect])

    tables = [made_one.find(sqlglot.exp.Table).name for made_one in made if made_one]
    assert tables == ["pay_gl_journal", "pay_gl_line"]


@pytest.mark.parametrize("statement", STATEMENTS, ids=str)
@pytest.mark.parametrize(("dialect", "name"), [(mssql.dialect, "tsql"), (oracle.dialect, "oracle")])
def test_every_statement_parses_in_the_other_dialects(dialect, name, statement):
    text = str(statement.compile(dialect=dialect(paramstyle="qmark")))

    assert sqlglot.parse_one(text, read=name).sql()


def test_cents_go_to_dollars_and_back():
    amounts = (0, 1, 99, 100, 10**15 + 1)

    assert [cents(dollars(amount)) for amount in amounts] == list(amounts)
    assert cents(0.29) == 29
    assert cents(None) == 0
