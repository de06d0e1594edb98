"""What the bank writes: three text formats and NACHA return files (docs/bank-files.md)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from housing_ach.sandbox.bank.checks import FILLER, ReadEntry
from housing_ach.sandbox.bank.fates import Answer
from housing_ach.sandbox.bank.magic import Oddity

BANK_NAME = "SANDBOX BANK"
RETURN_CODES = {"2": "26", "3": "36", "4": "46", "5": "56"}  # of debits; credits have 1 for 6
UNKNOWN_TRACE_TAIL = "9999999"

Value = str | int | date


@dataclass(frozen=True)
class Outgoing:
    """One answer about one entry, ready to be written into a return or correction batch."""

    batch_id: int
    batch_header: str
    entry: ReadEntry
    answer: Answer
    trace: str

    @property
    def receiver(self) -> str:
        return self.entry.routing[:8]

    @property
    def cents(self) -> int:
        if self.answer.code.startswith("C"):
            return 0
        return self.entry.cents + (self.answer.oddity == Oddity.WRONG_AMOUNT)

    @property
    def original_trace(self) -> str:
        if self.answer.oddity == Oddity.UNKNOWN_TRACE:
            return self.entry.trace[:8] + UNKNOWN_TRACE_TAIL
        return self.entry.trace


@dataclass(frozen=True)
class Envelope:
    """Who writes to whom, on which banking date."""

    on: date
    modifier: str
    routing: str
    destination: str
    destination_name: str


def text_file(
    kind: str,
    at: datetime,
    on: date,
    routing: str,
    *,
    rows: Sequence[Sequence[Value]],
    totals: Iterable[int] = (),
) -> bytes:
    header: Sequence[Value] = ("HDR", kind, 1, at.strftime("%Y-%m-%dT%H:%M:%SZ"), on, routing)
    trailer: Sequence[Value] = ("TRL", len(rows), *totals)
    lines = [header, *rows, trailer]
    return "".join(",".join(_plain(value) for value in line) + "\n" for line in lines).encode()


def nacha_file(envelope: Envelope, outgoing: Sequence[Outgoing]) -> bytes:
    """Returns and corrections, one batch for each of our batches and each returning bank."""
    batches = [
        _Batch(number, envelope, list(members))
        for number, (_, members) in enumerate(
            groupby(outgoing, key=lambda item: (item.batch_id, item.receiver)), start=1
        )
    ]
    lines = [_file_header(envelope)]
    for batch in batches:
        lines += batch.lines()
    lines.append(_file_control(batches, len(lines) + 1))
    lines += [FILLER] * (-len(lines) % 10)
    for line in lines:
        if len(line) != 94:
            raise ValueError(f"the bank wrote a record of {len(line)} characters")
    return "".join(f"{line}\n" for line in lines).encode("ascii")


class _Batch:
    def __init__(self, number: int, envelope: Envelope, members: list[Outgoing]) -> None:
        self.number = number
        self.envelope = envelope
        self.members = members
        self.header = members[0].batch_header
        self.records = 2 * len(members)
        self.hash = len(members) * int(envelope.routing[:8])
        self.debit_cents = sum(item.cents for item in members if item.entry.is_debit)
        self.credit_cents = sum(item.cents for item in members if not item.entry.is_debit)

    def lines(self) -> list[str]:
        kinds = {item.entry.is_debit for item in self.members}
        service = "200" if len(kinds) == 2 else ("225" if kinds == {True} else "220")
        corrections = self.members[0].answer.code.startswith("C")
        sec = "COR" if corrections else self.header[50:53]
        odfi = f"{self.members[0].receiver}{self.number:07}"
        head = f"5{service}{self.header[4:50]}{sec}{self.header[53:75]}{self.envelope.on:%j}1{odfi}"
        control = (
            f"8{service}{self.records:06}{self.hash % 10**10:010}{self.debit_cents:012}"
            f"{self.credit_cents:012}{self.header[40:50]}{'':25}{odfi}"
        )
        body = [line for item in self.members for line in self._records(item)]
        return [head, *body, control]

    def _records(self, item: Outgoing) -> tuple[str, str]:
        entry, answer = item.entry, item.answer
        code = RETURN_CODES[entry.code[0]]
        if not entry.is_debit:
            code = f"{code[0]}1"
        person = entry.line[39:78]
        if self.header[50:53] == "CTX":
            person = f"{person[:15]}0001{person[19:]}"
        first = f"6{code}{self.envelope.routing}{entry.line[12:29]}{item.cents:010}{person}1{item.trace}"
        named = f"{answer.code}{item.original_trace}"
        if answer.code.startswith("C"):
            second = f"798{named}{'':6}{item.receiver}{answer.data:<29}{'':15}{item.trace}"
        else:
            died = f"{answer.on:%y%m%d}" if answer.code in {"R14", "R15"} else ""
            second = f"799{named}{died:6}{item.receiver}{'':44}{item.trace}"
        return first, second


def _file_header(envelope: Envelope) -> str:
    return (
        f"101{envelope.destination:>10}{envelope.routing:>10}{envelope.on:%y%m%d}0800"
        f"{envelope.modifier}094101{envelope.destination_name:<23}{BANK_NAME:<23}{'':8}"
    )


def _file_control(batches: Sequence[_Batch], records: int) -> str:
    return (
        f"9{len(batches):06}{-(-records // 10):06}{sum(batch.records for batch in batches):08}"
        f"{sum(batch.hash for batch in batches) % 10**10:010}"
        f"{sum(batch.debit_cents for batch in batches):012}"
        f"{sum(batch.credit_cents for batch in batches):012}{'':39}"
    )


def _plain(value: Value) -> str:
    """The formats quote nothing, so nothing that would need it may be in a field."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return re.sub(r"[^ -~]|[,\"]", " ", text)
