"""Whether a customer's database does what posting relies on, shown with a made-up journal."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from uuid import uuid4

import sqlalchemy as sa

from housing_ach.erp.contract import Entry, Line
from housing_ach.erp.models import Target
from housing_ach.erp.services.targets import engine_of
from housing_ach.erp.services.writing import Conflict, insert, remove, verify, write
from housing_ach.shared.problems import Refusal

# No journal of ours has this day: totals are not touched.
DAY = date(1999, 12, 31)


class NotAsExpected(Refusal):
    """The database does not keep what posting relies on."""


class _Death(Exception):
    """In place of a process that dies."""


def selftest(target: Target) -> Iterator[str]:
    """Says each step as it is passed; raises NotAsExpected. What it made is taken away."""
    engine = engine_of(target)
    entry = _entry(f"HMS-SELFTEST-{uuid4().hex[:12]}", 12345)
    try:
        with suppress(_Death), engine.begin() as connection:
            insert(connection, entry)
            raise _Death
        if _is_there(engine, entry):
            raise NotAsExpected("a posting cut off before its commit was kept")
        yield "cut off before the commit: nothing is there"
        yield from _twice(engine, entry)
    finally:
        remove(engine, entry.source_ref)
    if _is_there(engine, entry):
        raise NotAsExpected("the test's journal could not be taken away")
    yield "taken away"


def _twice(engine: sa.Engine, entry: Entry) -> Iterator[str]:
    with suppress(_Death):
        with engine.begin() as connection:
            insert(connection, entry)
        raise _Death
    if write(engine, entry):
        raise NotAsExpected("the same reference was taken twice")
    yield "cut off after the commit, posted again: there once"
    if write(engine, entry):
        raise NotAsExpected("the same reference was taken twice")
    yield "posted once more: there once"
    if _is_there(engine, _entry(entry.source_ref, 54321)):
        raise NotAsExpected("other content was taken for the same")
    yield "other content under the reference: a conflict"


def _is_there(engine: sa.Engine, entry: Entry) -> bool:
    try:
        verify(engine, entry)
    except Conflict:
        return False
    return True


def _entry(ref: str, cents: int) -> Entry:
    sides = [(cents, 0), (0, cents)]
    lines = [Line("SELFTEST", "1900", "", "", "SELFTEST", ref, *side) for side in sides]
    return Entry(ref, DAY, "SELFTEST", lines)
