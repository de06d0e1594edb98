"""The bank that answers: takes files, acknowledges, settles, returns. docs/bank-files.md tells how.

`tick(at)` does what became due up to an instant, in order and with the dates it would have had, so one
jump over many days answers like many short ones. No Django models: its memory is its own folder.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from housing_ach.sandbox.bank import checks
from housing_ach.sandbox.bank.checks import ReadBatch, ReadFile
from housing_ach.sandbox.bank.fates import Circumstances, answers_to
from housing_ach.sandbox.bank.letters import Envelope, Outgoing, Value, nacha_file, text_file
from housing_ach.sandbox.bank.magic import BANK_ROUTING, Oddity, wish_of
from housing_ach.sandbox.bank.memory import Memory, remembering
from housing_ach.shared.business_days import (
    DAY,
    NEW_YORK,
    is_banking_day,
    new_york_at,
    new_york_date,
    next_banking_day,
    roll_forward,
)

RETURNS_AT, SETTLES_AT, AGAIN_AT, CLOSES_AT = time(8), time(8, 30), time(12), time(22)
POLL = timedelta(minutes=1)
REACHED = "reached"
MEMORY = "memory.sqlite3"
REFUSED = "the bank gives no reason"


@dataclass
class Taken:
    """A file between being claimed and being acknowledged."""

    path: Path
    name: str
    sha256: str
    file: ReadFile
    at: datetime

    @property
    def accepted(self) -> list[ReadBatch]:
        return [batch for batch in self.file.batches if not batch.reason]


class AnsweringBank:
    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.files = folder / "files"
        self.outbound = self.files / "outbound"
        self.inbound = self.files / "inbound"
        self.taken = folder / "taken"
        for needed in (self.outbound / ".tmp", self.inbound, self.taken):
            needed.mkdir(parents=True, exist_ok=True)
        self.memory_path = folder / MEMORY
        with remembering(self.memory_path) as memory:
            if memory.fact("seed") not in {"", str(seed)}:
                raise ValueError(f"seed: {folder} was begun with seed {memory.fact('seed')}")
            memory.learn("seed", str(seed))

    def tick(self, at: datetime) -> list[str]:
        """What was done, a line each. Doing it again at the same instant does nothing."""
        at = at.astimezone(UTC)
        self._claim()
        with remembering(self.memory_path) as memory:
            done = self._live(memory, at)
        with remembering(self.memory_path) as memory:
            done += self._publish(memory, at)
        self._say_reached(at)
        return done

    def reached(self) -> datetime | None:
        return reached_in(self.folder)

    def _say_reached(self, at: datetime) -> None:
        unfinished = self.folder / f".{REACHED}"
        unfinished.write_text(at.isoformat())
        unfinished.replace(self.folder / REACHED)

    def _claim(self) -> None:
        """A file belongs to the bank once it has left the outbound folder, whatever happens then."""
        number = len(list(self.taken.iterdir()))
        for path in sorted(self.outbound.iterdir()):
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".part":
                number += 1
                path.rename(self.taken / f"{number:08}-{path.name}")

    def _live(self, memory: Memory, at: datetime) -> list[str]:
        since = datetime.fromisoformat(memory.fact("lived until") or at.isoformat())
        arrived = [
            _open(path, since, at)
            for path in sorted(self.taken.iterdir())
            if not memory.is_known(path.name)
        ]
        agenda = _agenda(since, at)
        work: list[tuple[datetime, str, Callable[[], str]]] = [
            (taken.at, taken.path.name, partial(self._take, memory, taken)) for taken in arrived
        ]
        work += [(due_at, kind, partial(self._do, memory, kind, on)) for due_at, kind, on in agenda]
        done = [act() for _, _, act in sorted(work, key=lambda item: item[:2])]
        if work or not memory.fact("lived until"):
            memory.learn("lived until", max(since, at).isoformat())
        return [line for line in done if line]

    def _do(self, memory: Memory, kind: str, on: date) -> str:
        if kind == "returns":
            self._write_returns(memory, on, new_york_at(on, RETURNS_AT))
        else:
            self._settle(memory, on, new_york_at(on, SETTLES_AT))
        return ""

    def _take(self, memory: Memory, taken: Taken) -> str:
        file = taken.file
        processing_on = processing_day(taken.at)
        if not file.reason and memory.is_taken(file):
            file.reason, file.text = (
                "DUPLICATE_FILE",
                "origin and date and time and modifier repeat",
            )
        if not file.reason and _refuses_file(memory, file):
            file.reason, file.text = "REFUSED", REFUSED
        if not file.reason:
            self._judge(memory, file, processing_on)
        status = _status(taken)
        file_id = memory.keep_file(
            file,
            taken_as=taken.path.name,
            name=taken.name,
            sha256=taken.sha256,
            status=status,
            at=taken.at,
        )
        if not file.reason:
            self._accept(memory, taken.accepted, file_id)
        if file.reason or not _asks_for_silence(file):
            body = _acknowledgement(taken, status, processing_on)
            self._write(memory, "ACK.csv", body, taken.at)
        return f"took {taken.name}: {status} {file.reason}".rstrip()

    def _judge(self, memory: Memory, file: ReadFile, processing_on: date) -> None:
        for batch in file.batches:
            checks.check_batch(batch, routing=BANK_ROUTING, processing_on=processing_on)
            refused = [
                memory.refuse_once(Oddity.BATCH_REJECTED, entry, batch.period)
                for entry in batch.entries
                if not batch.reason and _oddity(entry.account) == Oddity.BATCH_REJECTED
            ]
            if any(refused):
                batch.reason, batch.text = "REFUSED", REFUSED
        if all(batch.reason for batch in file.batches):
            file.reason, file.text = "NO_BATCH_ACCEPTED", "every batch was rejected"

    def _accept(self, memory: Memory, batches: Iterable[ReadBatch], file_id: int) -> None:
        for batch in batches:
            batch_id = memory.keep_batch(batch, file_id=file_id)
            for entry in batch.entries:
                case = Circumstances(
                    seed=self.seed,
                    sec=batch.sec,
                    description=batch.description,
                    period=batch.period,
                    effective_on=batch.effective_on or date.max,
                    attempt=memory.attempt(entry, batch),
                )
                entry_id = memory.keep_entry(entry, batch, batch_id=batch_id)
                for answer in answers_to(entry, case):
                    memory.plan(answer, entry_id=entry_id)

    def _write_returns(self, memory: Memory, on: date, at: datetime) -> None:
        returned = memory.take_due("R", on)
        corrected = memory.take_due("C", on)
        if returned:
            self._write_return_file(memory, returned, on, at)
        else:
            self._write(
                memory, "NO-RETURNS.csv", text_file("NO_RETURNS", at, on, BANK_ROUTING, rows=()), at
            )
        if corrected:
            body = nacha_file(_envelope(memory, on, "B"), corrected)
            self._write(memory, "CORRECTIONS.ach", body, at)

    def _write_return_file(
        self, memory: Memory, returned: Sequence[Outgoing], on: date, at: datetime
    ) -> None:
        body = nacha_file(_envelope(memory, on, "A"), returned)
        oddities = {item.answer.oddity for item in returned}
        cut_short = Oddity.RETURN_FILE_CUT_SHORT in oddities
        self._write(memory, "RETURNS.ach", _cut(body) if cut_short else body, at)
        if cut_short or Oddity.RETURN_FILE_REPEATED in oddities:
            self._write(memory, "RETURNS.ach", body, new_york_at(on, AGAIN_AT))

    def _settle(self, memory: Memory, on: date, at: datetime) -> None:
        batches, returns = memory.settle(on), memory.charged_returns(on)
        if not batches and not returns:
            return
        rows: list[Sequence[Value]] = [("BATCH", *row) for row in batches]
        rows += [("RETURN", *row) for row in returns]
        totals = [sum(int(row[-2]) for row in batches), sum(int(row[-1]) for row in batches)]
        totals += [
            sum(int(row[-1]) for row in returns if row[-2] == side) for side in ("DEBIT", "CREDIT")
        ]
        body = text_file("SETTLEMENT", at, on, BANK_ROUTING, rows=rows, totals=totals)
        self._write(memory, "SETTLEMENT.csv", body, at)

    def _write(self, memory: Memory, kind: str, body: bytes, at: datetime) -> None:
        number = memory.next_number("letter")
        stamp = at.astimezone(NEW_YORK).strftime("%Y%m%d-%H%M")
        memory.write(name=f"{stamp}-{number:06}-{kind}", body=body, due_at=at)

    def _publish(self, memory: Memory, at: datetime) -> list[str]:
        done = []
        for letter in memory.due_letters(at):
            hidden = self.inbound / f".{letter.name}"
            hidden.write_bytes(letter.body)
            os.utime(hidden, (letter.due_at.timestamp(),) * 2)
            hidden.replace(self.inbound / letter.name)
            memory.published(letter)
            done.append(f"wrote {letter.name}")
        return done


def reached_in(folder: Path) -> datetime | None:
    """The instant of the bank's last tick, whichever process did it."""
    try:
        return datetime.fromisoformat((folder / REACHED).read_text())
    except FileNotFoundError:
        return None


def begun_seed(folder: Path) -> int | None:
    """The seed a folder was begun with; None where there is no bank yet."""
    if not (folder / MEMORY).exists():
        return None
    with remembering(folder / MEMORY) as memory:
        return int(memory.fact("seed"))


def processing_day(at: datetime) -> date:
    on = new_york_date(at)
    if at >= new_york_at(on, CLOSES_AT):
        return next_banking_day(on)
    return roll_forward(on)


def _open(path: Path, since: datetime, at: datetime) -> Taken:
    """A file found late counts as received when its header says it was made, were the bank awake."""
    data = path.read_bytes()
    file = checks.read(data, routing=BANK_ROUTING)
    made_at = at
    if file.created_on and not file.reason and file.header[29:33].strip():
        clock = time(int(file.header[29:31]), int(file.header[31:33]))
        made_at = new_york_at(file.created_on, clock) + POLL
    return Taken(
        path=path,
        name=path.name.partition("-")[2],
        sha256=hashlib.sha256(data).hexdigest(),
        file=file,
        at=min(at, max(made_at, since)),
    )


def _agenda(since: datetime, at: datetime) -> list[tuple[datetime, str, date]]:
    """Due after `since` and up to `at`."""
    agenda = []
    on, last = new_york_date(since), new_york_date(at)
    while on <= last:
        if is_banking_day(on):
            agenda += [
                (new_york_at(on, RETURNS_AT), "returns", on),
                (new_york_at(on, SETTLES_AT), "settle", on),
            ]
        on += DAY
    return [item for item in agenda if since < item[0] <= at]


def _cut(body: bytes) -> bytes:
    """Ends in the middle of a record."""
    return body[: len(body) // 190 * 95 + 47]


def _oddity(account: str) -> Oddity | None:
    wish = wish_of(account)
    return wish.oddity if wish else None


def _refuses_file(memory: Memory, file: ReadFile) -> bool:
    refused = [
        memory.refuse_once(Oddity.FILE_REJECTED, entry, batch.period)
        for batch in file.batches
        for entry in batch.entries
        if _oddity(entry.account) == Oddity.FILE_REJECTED
    ]
    return any(refused)


def _asks_for_silence(file: ReadFile) -> bool:
    return any(
        _oddity(entry.account) == Oddity.NEVER_ACKNOWLEDGED
        for batch in file.batches
        for entry in batch.entries
    )


def _status(taken: Taken) -> str:
    if taken.file.reason:
        return "REJECTED"
    return "ACCEPTED" if len(taken.accepted) == len(taken.file.batches) else "PARTIAL"


def _acknowledgement(taken: Taken, status: str, processing_on: date) -> bytes:
    file = taken.file
    readable = bool(file.control) and file.reason not in checks.UNREADABLE
    batches = file.batches if readable else []
    listed = batches if file.reason in {"", "NO_BATCH_ACCEPTED"} else []
    origin, _, clock, modifier = file.key
    rows: list[Sequence[Value]] = [
        (
            *("FILE", status, taken.name, taken.sha256, origin, file.created_on or ""),
            *(clock.strip(), modifier, len(batches), sum(batch.records for batch in batches)),
            *(sum(batch.debit_cents for batch in batches),),
            *(sum(batch.credit_cents for batch in batches), file.reason, file.text),
        )
    ]
    rows += [_batch_row(batch) for batch in listed]
    good = [batch for batch in listed if not batch.reason]
    totals = [sum(batch.debit_cents for batch in good), sum(batch.credit_cents for batch in good)]
    return text_file("ACK", taken.at, processing_on, BANK_ROUTING, rows=rows, totals=totals)


def _batch_row(batch: ReadBatch) -> Sequence[Value]:
    return (
        *("BATCH", "REJECTED" if batch.reason else "ACCEPTED", batch.number, batch.company_id),
        *(batch.sec, batch.effective_on or "", batch.records, batch.debit_cents),
        *(batch.credit_cents, batch.reason, batch.text),
    )


def _envelope(memory: Memory, on: date, modifier: str) -> Envelope:
    origin, name = memory.origin()
    return Envelope(on, modifier, BANK_ROUTING, origin, name)
