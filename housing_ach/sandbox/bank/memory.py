"""What the bank remembers, in SQLite in its own folder: it may be stopped at any moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from housing_ach.sandbox.bank.checks import ReadBatch, ReadEntry, ReadFile
from housing_ach.sandbox.bank.fates import Answer
from housing_ach.sandbox.bank.letters import Outgoing
from housing_ach.sandbox.bank.magic import Oddity

SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY, taken_as TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    sha256 TEXT NOT NULL, status TEXT NOT NULL, key TEXT UNIQUE,
    origin TEXT NOT NULL, origin_name TEXT NOT NULL, received_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batch (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES file, header TEXT NOT NULL,
    number INTEGER NOT NULL, company_id TEXT NOT NULL, effective_on TEXT NOT NULL,
    entries INTEGER NOT NULL, debit_cents INTEGER NOT NULL, credit_cents INTEGER NOT NULL,
    settled_on TEXT);
CREATE INDEX IF NOT EXISTS batch_to_settle ON batch (effective_on) WHERE settled_on IS NULL;
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY, batch INTEGER NOT NULL REFERENCES batch, line TEXT NOT NULL,
    individual_id TEXT NOT NULL, period TEXT NOT NULL, is_debit INTEGER NOT NULL,
    cents INTEGER NOT NULL, effective_on TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entry_by_trace ON entry (substr(line, 80, 15));
CREATE INDEX IF NOT EXISTS entry_of_payer ON entry (individual_id, period, is_debit);
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entry, code TEXT NOT NULL,
    due_on TEXT NOT NULL, data TEXT NOT NULL, oddity TEXT, charged INTEGER NOT NULL,
    trace TEXT, given_on TEXT);
CREATE INDEX IF NOT EXISTS answer_due ON answer (due_on) WHERE given_on IS NULL;
CREATE INDEX IF NOT EXISTS answer_given ON answer (given_on);
CREATE TABLE IF NOT EXISTS refused (
    kind TEXT, individual_id TEXT, period TEXT, PRIMARY KEY (kind, individual_id, period));
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL,
    due_at TEXT NOT NULL, published INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS letter_due ON letter (due_at) WHERE published = 0;
"""


@dataclass(frozen=True)
class Letter:
    id: int
    name: str
    body: bytes
    due_at: datetime


@dataclass(frozen=True)
class Kept:
    """An entry of a file the bank took."""

    id: int
    entry: ReadEntry
    effective_on: date


class Memory:
    """One open transaction; `remembering` opens and commits it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    # Facts

    def fact(self, name: str) -> str:
        row = self.database.execute("SELECT value FROM fact WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else ""

    def learn(self, name: str, value: str) -> None:
        self.database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", [name, value])

    def next_number(self, name: str) -> int:
        number = int(self.fact(name) or 0) + 1
        self.learn(name, str(number))
        return number

    # Files

    def is_known(self, taken_as: str) -> bool:
        found = self.database.execute("SELECT 1 FROM file WHERE taken_as = ?", [taken_as])
        return found.fetchone() is not None

    def is_taken(self, file: ReadFile) -> bool:
        found = self.database.execute("SELECT 1 FROM file WHERE key = ?", ["|".join(file.key)])
        return found.fetchone() is not None

    def keep_file(
        self, file: ReadFile, *, taken_as: str, name: str, sha256: str, status: str, at: datetime
    ) -> int:
        """The key of a rejected file stays free: it was not taken."""
        key = None if status == "REJECTED" else "|".join(file.key)
        added = self.database.execute(
            "INSERT INTO file (taken_as, name, sha256, status, key, origin, origin_name, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(taken_as, name, sha256, status, key, file.header[13:23]),
                *(file.header[63:86].strip(), at.isoformat()),
            ],
        )
        return int(added.lastrowid or 0)

    def keep_batch(self, batch: ReadBatch, *, file_id: int) -> int:
        added = self.database.execute(
            "INSERT INTO batch (file, header, number, company_id, effective_on, entries,"
            " debit_cents, credit_cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(file_id, batch.header, batch.number, batch.company_id),
                *(str(batch.effective_on), len(batch.entries)),
                *(batch.debit_cents, batch.credit_cents),
            ],
        )
        return int(added.lastrowid or 0)

    def keep_entry(self, entry: ReadEntry, batch: ReadBatch, *, batch_id: int) -> int:
        added = self.database.execute(
            "INSERT INTO entry (batch, line, individual_id, period, is_debit, cents, effective_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(batch_id, entry.line, entry.individual_id, batch.period, entry.is_debit),
                *(entry.cents, str(batch.effective_on)),
            ],
        )
        return int(added.lastrowid or 0)

    def entry_of(self, trace: str) -> Kept | None:
        """The last one taken; traces repeat after ten million."""
        row = self.database.execute(
            "SELECT id, line, effective_on FROM entry WHERE substr(line, 80, 15) = ?"
            " ORDER BY id DESC LIMIT 1",
            [trace],
        ).fetchone()
        if row is None:
            return None
        return Kept(row[0], ReadEntry(line=row[1], addenda=()), date.fromisoformat(row[2]))

    def attempt(self, entry: ReadEntry, batch: ReadBatch) -> int:
        """1 plus the earlier effective dates on which money moved for the same payer and period."""
        if not entry.cents:
            return 1
        found = self.database.execute(
            "SELECT count(DISTINCT effective_on) FROM entry WHERE individual_id = ? AND period = ?"
            " AND is_debit = ? AND cents > 0 AND effective_on < ?",
            [entry.individual_id, batch.period, entry.is_debit, str(batch.effective_on)],
        )
        return 1 + int(found.fetchone()[0])

    def refuse_once(self, kind: Oddity, entry: ReadEntry, period: str) -> bool:
        """True the first time only."""
        added = self.database.execute(
            "INSERT OR IGNORE INTO refused VALUES (?, ?, ?)", [kind, entry.individual_id, period]
        )
        return added.rowcount == 1

    # Answers

    def plan(self, answer: Answer, *, entry_id: int) -> None:
        self.database.execute(
            "INSERT INTO answer (entry, code, due_on, data, oddity, charged)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                *(entry_id, answer.code, str(answer.on), answer.data),
                *(answer.oddity, answer.charged),
            ],
        )

    def is_answered(self, entry_id: int, kind: str) -> bool:
        """By a file written already; the kind is R or C."""
        found = self.database.execute(
            "SELECT 1 FROM answer WHERE entry = ? AND code LIKE ? AND given_on IS NOT NULL",
            [entry_id, f"{kind}%"],
        )
        return found.fetchone() is not None

    def unplan(self, entry_id: int, kind: str) -> None:
        self.database.execute(
            "DELETE FROM answer WHERE entry = ? AND code LIKE ? AND given_on IS NULL",
            [entry_id, f"{kind}%"],
        )

    def take_due(self, kind: str, on: date) -> list[Outgoing]:
        """Answers of a kind (R or C) due on a date, now given, each with its own trace number."""
        rows = self.database.execute(
            "SELECT answer.id, code, due_on, data, oddity, charged, line, batch, header FROM answer"
            " JOIN entry ON entry.id = answer.entry JOIN batch ON batch.id = entry.batch"
            " WHERE given_on IS NULL AND due_on <= ? AND code LIKE ?"
            " ORDER BY batch, substr(line, 4, 8), answer.id",
            [str(on), f"{kind}%"],
        ).fetchall()
        return [self._give(row, on) for row in rows]

    def _give(self, row: tuple[object, ...], on: date) -> Outgoing:
        answer_id, code, due_on, data, oddity, charged, line, batch_id, header = row
        entry = ReadEntry(line=str(line), addenda=())
        trace = f"{entry.routing[:8]}{self.next_number('return trace'):07}"
        self.database.execute(
            "UPDATE answer SET given_on = ?, trace = ? WHERE id = ?", [str(on), trace, answer_id]
        )
        answer = Answer(
            code=str(code),
            on=date.fromisoformat(str(due_on)),
            data=str(data),
            oddity=Oddity(str(oddity)) if oddity else None,
            charged=bool(charged),
        )
        return Outgoing(int(str(batch_id)), str(header), entry, answer, trace)

    def origin(self) -> tuple[str, str]:
        """Immediate origin and its name as the last accepted file gave them."""
        row = self.database.execute(
            "SELECT origin, origin_name FROM file WHERE status <> 'REJECTED' ORDER BY id DESC"
        ).fetchone()
        return str(row[0]), str(row[1])

    # Settlement

    def settle(self, on: date) -> list[tuple[str | int, ...]]:
        rows = self.database.execute(
            "SELECT file.name, number, company_id, effective_on, ?, entries, debit_cents,"
            " credit_cents FROM batch JOIN file ON file.id = batch.file"
            " WHERE settled_on IS NULL AND effective_on <= ? ORDER BY batch.id",
            [str(on), str(on)],
        ).fetchall()
        self.database.execute(
            "UPDATE batch SET settled_on = ? WHERE settled_on IS NULL AND effective_on <= ?",
            [str(on), str(on)],
        )
        return rows

    def charged_returns(self, on: date) -> list[tuple[str | int, ...]]:
        return self.database.execute(
            "SELECT company_id, substr(line, 80, 15), trace, code, given_on,"
            " CASE WHEN is_debit THEN 'DEBIT' ELSE 'CREDIT' END, cents FROM answer"
            " JOIN entry ON entry.id = answer.entry JOIN batch ON batch.id = entry.batch"
            " WHERE given_on = ? AND charged ORDER BY answer.id",
            [str(on)],
        ).fetchall()

    def settled_credits(self) -> list[tuple[str, str, str]]:
        """Day, batch header and entry line, in the order of settlement."""
        return self.database.execute(
            "SELECT settled_on, header, line FROM entry JOIN batch ON batch.id = entry.batch"
            " WHERE settled_on IS NOT NULL AND NOT entry.is_debit ORDER BY settled_on, entry.id"
        ).fetchall()

    # Letters

    def write(self, *, name: str, body: bytes, due_at: datetime) -> None:
        self.database.execute(
            "INSERT INTO letter (name, body, due_at) VALUES (?, ?, ?)",
            [name, body, due_at.isoformat()],
        )

    def due_letters(self, at: datetime) -> list[Letter]:
        rows = self.database.execute(
            "SELECT id, name, body, due_at FROM letter WHERE published = 0 AND due_at <= ?"
            " ORDER BY name",
            [at.astimezone(UTC).isoformat()],
        )
        return [Letter(row[0], row[1], row[2], datetime.fromisoformat(row[3])) for row in rows]

    def published(self, letter: Letter) -> None:
        self.database.execute("UPDATE letter SET published = 1 WHERE id = ?", [letter.id])


@contextmanager
def remembering(path: Path) -> Iterator[Memory]:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("BEGIN IMMEDIATE")
        try:
            yield Memory(database)
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
