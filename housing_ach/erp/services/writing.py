"""Into the ERP, once: insert, and whatever came of it, read back and compare."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housing_ach.erp.contract import JOURNAL, LINE, Entry, Line, cents, dollars
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal


class Conflict(Refusal):
    """The ERP holds something else under this reference."""


def write(engine: sa.Engine, entry: Entry) -> bool:
    """Whether it was this call that put it there. Safe to call any number of times, from anywhere.

    Raises Conflict, or SQLAlchemy's DBAPIError where the database could not be asked.
    """
    try:
        with engine.begin() as connection:
            insert(connection, entry)
            failpoint("erp.inserted")
        failpoint("erp.committed")
        is_new = True
    except IntegrityError:
        is_new = False
    verify(engine, entry)
    return is_new


def insert(connection: sa.Connection, entry: Entry) -> None:
    connection.execute(sa.insert(JOURNAL), [_header(entry)])
    connection.execute(
        sa.insert(LINE),
        [_row(entry.source_ref, place, line) for place, line in enumerate(entry.lines, 1)],
    )


def verify(engine: sa.Engine, entry: Entry) -> None:
    """Raises Conflict where header or lines are not ours to the cent."""
    ref = entry.source_ref
    with engine.connect() as connection:
        header = connection.execute(sa.select(JOURNAL).where(JOURNAL.c.source_ref == ref)).first()
        rows = connection.execute(
            sa.select(LINE).where(LINE.c.source_ref == ref).order_by(LINE.c.line_no)
        ).all()
    if header is None:
        raise Conflict(f"{ref}: was refused, and is not there", field="source_ref")
    differs = [name for name, ours in _header(entry).items() if not _same(header, name, ours)]
    there = Entry(ref, entry.day, entry.fund, [_read(row) for row in rows])
    if there.sha256 != entry.sha256:
        differs.append("lines")
    if differs:
        raise Conflict(f"{ref}: the ERP's {', '.join(differs)} differ", field="source_ref")


def remove(engine: sa.Engine, ref: str) -> None:
    """For the self-test's own reference; what was posted is never taken away."""
    with engine.begin() as connection:
        connection.execute(sa.delete(LINE).where(LINE.c.source_ref == ref))
        connection.execute(sa.delete(JOURNAL).where(JOURNAL.c.source_ref == ref))


def _header(entry: Entry) -> dict[str, object]:
    return {
        "source_ref": entry.source_ref,
        "content_sha256": entry.sha256,
        "posting_date": entry.day,
        "fund": entry.fund,
        "currency": "USD",
        "line_count": len(entry.lines),
        "total_debit": dollars(entry.debit_cents),
        "total_credit": dollars(entry.credit_cents),
    }


def _same(header: sa.Row[tuple[object, ...]], name: str, ours: object) -> bool:
    """Oracle's DATE comes back with a time."""
    theirs = header._mapping[name]
    if isinstance(theirs, datetime) and isinstance(ours, date):
        theirs = theirs.date()
    return bool(theirs == ours)


def _row(ref: str, place: int, line: Line) -> dict[str, object]:
    return {
        "source_ref": ref,
        "line_no": place,
        "account": line.account,
        "ledger_account": line.ledger_account,
        "party": line.party or None,
        "lease": line.lease or None,
        "event": line.event,
        "reference": line.reference,
        "debit": dollars(line.debit_cents),
        "credit": dollars(line.credit_cents),
    }


def _read(row: sa.Row[tuple[object, ...]]) -> Line:
    held = row._mapping
    texts = [held[name] or "" for name in Line._fields[:6]]
    return Line._make([*texts, cents(held["debit"]), cents(held["credit"])])
