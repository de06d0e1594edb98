"""The two tables in the customer's database, in SQLAlchemy's words: no dialect's own SQL.

Amounts are NUMERIC(18,2) dollars, as finance systems keep them; we keep integer cents and convert at
this edge, exactly. Columns that may be empty are nullable: Oracle stores an empty text as NULL.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, oracle, postgresql
from sqlalchemy.schema import CreateTable

from housing_ach.erp.states import Dialect

MONEY = sa.Numeric(18, 2)
CODE = 40
METADATA = sa.MetaData()
JOURNAL = sa.Table(
    "pay_gl_journal",
    METADATA,
    sa.Column("source_ref", sa.String(64), primary_key=True),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("posting_date", sa.Date, nullable=False),
    sa.Column("fund", sa.String(20), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("line_count", sa.Integer, nullable=False),
    sa.Column("total_debit", MONEY, nullable=False),
    sa.Column("total_credit", MONEY, nullable=False),
    sa.CheckConstraint("total_debit = total_credit", name="pay_gl_balanced"),
)
LINE = sa.Table(
    "pay_gl_line",
    METADATA,
    sa.Column(
        "source_ref", sa.String(64), sa.ForeignKey("pay_gl_journal.source_ref"), primary_key=True
    ),
    sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("account", sa.String(CODE), nullable=False),
    sa.Column("ledger_account", sa.String(4), nullable=False),
    sa.Column("party", sa.String(40)),
    sa.Column("lease", sa.String(20)),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("reference", sa.String(120), nullable=False),
    sa.Column("debit", MONEY, nullable=False),
    sa.Column("credit", MONEY, nullable=False),
    sa.CheckConstraint(
        "(debit > 0 AND credit = 0) OR (credit > 0 AND debit = 0)", name="pay_gl_one_side"
    ),
)


def _sql_server() -> sa.Dialect:
    """Of 2016: unasked, the library writes for a server that had no type for a date alone."""
    made: sa.Dialect = mssql.dialect()  # type: ignore[no-untyped-call]
    made.server_version_info = (13,)
    return made


DIALECTS: dict[str, sa.Dialect] = {
    Dialect.POSTGRESQL: postgresql.dialect(),  # type: ignore[no-untyped-call]
    Dialect.MSSQL: _sql_server(),
    Dialect.ORACLE: oracle.dialect(),  # type: ignore[no-untyped-call]
}


class Line(NamedTuple):
    """One side of one transfer."""

    account: str
    ledger_account: str
    party: str
    lease: str
    event: str
    reference: str
    debit_cents: int
    credit_cents: int


@dataclass(frozen=True)
class Entry:
    """What is put into the ERP in one transaction."""

    source_ref: str
    day: date
    fund: str
    lines: Sequence[Line]

    @property
    def debit_cents(self) -> int:
        return sum(line.debit_cents for line in self.lines)

    @property
    def credit_cents(self) -> int:
        return sum(line.credit_cents for line in self.lines)

    @property
    def sha256(self) -> str:
        """Of date, fund and every line, in their order; the tables' unit separator is U+001F."""
        head = f"{self.day}\x1f{self.fund}"
        rows = ("\x1f".join(map(str, line)) for line in self.lines)
        return hashlib.sha256("\n".join([head, *rows]).encode()).hexdigest()


def dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def cents(amount: Decimal | float | None) -> int:
    """Exactly; a driver that gives a float of two decimals is rounded back to them."""
    return int(round(Decimal(str(amount or 0)), 2).scaleb(2))


def ddl(dialect: str) -> str:
    """The script that makes the two tables, to be run by the customer in the interface schema."""
    made = [
        str(CreateTable(table).compile(dialect=DIALECTS[dialect])).strip()
        for table in (JOURNAL, LINE)
    ]
    lines = [line.rstrip() for text in made for line in f"{text};\n".splitlines()]
    return "\n".join(lines).replace("\t", "    ") + "\n"
