"""The independent reader of the chain: recomputes in Python what the triggers wrote.

Reads rows as PostgreSQL prints them (`ROW(...)::text`) and hashes them here, so neither a changed
row nor a changed trigger function goes unseen. A deleted tail shows only against an anchor that is
kept elsewhere: `anchor()` writes the head to the log and to AUDIT_ANCHOR_FILE.
"""

import hashlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

log = logging.getLogger(__name__)

CHUNK = 5000
# How a value is written as text; the triggers pin the same.
PRINTED_AS = """
    SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY';
    SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex';
    SET LOCAL extra_float_digits = 1
"""
ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
LINK_NOW = "SET CONSTRAINTS audit_link IMMEDIATE; SET CONSTRAINTS audit_link DEFERRED"
LINKS = """
    SELECT c.seq, c.prev, c.hash, c.digest_id,
        CASE WHEN d.id IS NOT NULL THEN
            ROW(d.id, d.txid, d.table_name, d.columns, d.row_count, d.first_id, d.last_id,
                d.sha256, d.actor, d.at)::text
        END
    FROM audit_chain c LEFT JOIN audit_digest d ON d.id = c.digest_id ORDER BY c.seq
"""
LOOSE = """
    SELECT d.id FROM audit_digest d
    WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.digest_id = d.id) ORDER BY d.id
"""
DIGESTED = """
    SELECT c.relname, array_agg(a.attname::text) FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid IN (SELECT tgrelid FROM pg_trigger WHERE tgname = 'audit_digest')
        OR c.oid IN (SELECT to_regclass(quote_ident(table_name)) FROM audit_digest)
    GROUP BY c.relname ORDER BY c.relname
"""
LAYOUTS = "SELECT DISTINCT table_name, columns FROM audit_digest ORDER BY 1, 2"
STATEMENTS = """
    SELECT id, txid::text, columns, row_count, first_id, last_id, sha256
    FROM audit_digest WHERE table_name = %s ORDER BY first_id
"""


KEPT = "SELECT seq, encode(hash, 'hex') FROM audit_chain WHERE seq = ANY(%s)"
SWITCHED_OFF = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE tgname ~ '^(audit|append_only)_' AND tgenabled <> 'A' ORDER BY 1, 2
"""
ANCHOR = re.compile(r"(?P<first>[0-9a-f]{64}) (?P<seq>\d+) (?P<hash>[0-9a-f]{64})", re.ASCII)


class Head(NamedTuple):
    seq: int
    hash: str


class Statement:
    """One digest on its way: how many of its rows are still to come, and the hash so far."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.id, self.txid, self.columns, self.left, self.first, self.last, self.sha = row
        self.running = hashlib.sha256()
        self.between = b""

    def take(self, text: str) -> None:
        self.running.update(self.between + text.encode())
        self.between = b"\n"
        self.left -= 1

    def faults(self, table: str) -> Iterator[str]:
        rows = f"{table} {self.first}..{self.last}"
        if self.left > 0:
            yield f"digest {self.id}: {self.left} of the rows {rows} are gone"
        elif self.left < 0 or self.running.digest() != bytes(self.sha):
            yield f"digest {self.id}: the rows {rows} were changed"


def head() -> Head:
    """The last link; its hash fixes all before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM audit_chain ORDER BY seq DESC LIMIT 1")
        return Head(*(cursor.fetchone() or (-1, "")))


def anchor() -> Head:
    """Write the head where the database cannot reach: the log and the anchor file."""
    last = head()
    log.info("audit anchor seq=%s hash=%s", last.seq, last.hash)
    try:
        with Path(settings.AUDIT_ANCHOR_FILE).open("a", encoding="ascii") as file:
            file.write(f"{_genesis()} {last.seq} {last.hash}\n")
    except OSError as error:
        # The log has it, and the money does not wait for a second copy.
        log.error("audit anchor not written to its file: %s", error.strerror)  # noqa: TRY400
    return last


def broken_links() -> list[str]:
    """Every fault by trigger, link, digest, row or anchor; empty when history is whole."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LINK_NOW if nested else ONE_SNAPSHOT)
            cursor.execute(PRINTED_AS)
        return [*_switches(), *_links(), *_loose(), *_anchors(), *_tables()]


def _links() -> Iterator[str]:
    expected, prev = 0, b""
    for seq, link_prev, link_hash, digest, text in _stream(LINKS):
        if seq != expected:
            yield f"chain {expected}: gone, the next link is {seq}"
        elif seq and bytes(link_prev) != prev:
            yield f"chain {seq}: does not follow the link before it"
        if seq and text is None:
            yield f"chain {seq}: its digest {digest} is gone"
        elif seq and hashlib.sha256(bytes(link_prev) + text.encode()).digest() != bytes(link_hash):
            yield f"chain {seq}: its digest {digest} or its hash was changed"
        expected, prev = seq + 1, bytes(link_hash)
    if not expected:
        yield "chain 0: the chain is empty"


def _loose() -> Iterator[str]:
    for (pk,) in _stream(LOOSE):
        yield f"digest {pk}: is in no link of the chain"


def _anchors() -> Iterator[str]:
    """Anchors of another database (another first link) in the same file are none of ours."""
    path, genesis = Path(settings.AUDIT_ANCHOR_FILE), _genesis()
    ours: dict[int, str] = {}
    for number, line in enumerate(
        path.read_text("ascii", "replace").splitlines() if path.exists() else []
    ):
        match = ANCHOR.fullmatch(line)
        if match is None:
            yield f"anchor file, line {number + 1}: cannot be read"
        elif match["first"] == genesis:
            ours[int(match["seq"])] = match["hash"]
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [list(ours)])
        kept = dict(cursor.fetchall())
    for seq, hash_ in sorted(ours.items()):
        if seq not in kept:
            yield f"chain {seq}: gone, though it was anchored"
        elif kept[seq] != hash_:
            yield f"chain {seq}: is not the link that was anchored"


def _switches() -> Iterator[str]:
    for table, trigger in _stream(SWITCHED_OFF):
        yield f"{table}: its trigger {trigger} is switched off"


def _genesis() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(hash, 'hex') FROM audit_chain WHERE seq = 0")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def _tables() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(DIGESTED)
        tables = {name: set(columns) for name, columns in cursor.fetchall()}
        cursor.execute(LAYOUTS)
        layouts: dict[str, list[str]] = {name: [] for name in tables}
        for name, columns in cursor.fetchall():
            layouts.setdefault(name, []).append(columns)
    for name, known in layouts.items():
        lost = sorted(
            {part for text in known for part in text.split(",")} - tables.get(name, set())
        )
        if lost:
            yield f"{name}: the table or its columns {', '.join(lost)} are gone"
        else:
            yield from _rows_of(name, known)


def _rows_of(table: str, layouts: list[str]) -> Iterator[str]:
    """Rows and digests of one table walked together, in the order of ids.

    The ids of two statements of a transaction never overlap, so one digest of it is open at a time.
    """
    quote = connection.ops.quote_name
    printed = ["id", "txid::text"]
    printed += [f"ROW({', '.join(map(quote, text.split(',')))})::text" for text in layouts]
    place = {columns: n for n, columns in enumerate(layouts, start=2)}
    rows = _stream(f"SELECT {', '.join(printed)} FROM {quote(table)} ORDER BY id")  # noqa: S608
    digests = map(Statement, _stream(STATEMENTS, [table]))
    coming = next(digests, None)
    under_way: dict[str, Statement] = {}
    for row in rows:
        while coming and coming.first <= row[0]:
            if coming.txid in under_way:
                yield from under_way[coming.txid].faults(table)
            under_way[coming.txid] = coming
            coming = next(digests, None)
        statement = under_way.get(row[1])
        if statement is None or row[0] > statement.last:
            yield f"{table} {row[0]}: is in no digest"
            continue
        statement.take(row[place[statement.columns]])
        if row[0] == statement.last:
            yield from under_way.pop(row[1]).faults(table)
    for statement in [*under_way.values(), *([coming] if coming else []), *digests]:
        yield from statement.faults(table)


def _stream(sql: str, params: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows
