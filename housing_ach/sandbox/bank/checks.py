"""What the bank checks in a file it took: plain slicing, nothing shared with the product's codec.

Numbers in brackets are Nacha's positions less one. Explanations never hold account numbers or commas.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from housing_ach.shared.business_days import add_banking_days, is_banking_day

RECORD_ORDER = {"1": "59", "5": "6", "6": "678", "7": "678", "8": "59", "9": ""}
SEC_CODES = frozenset(("PPD", "WEB", "CCD", "TEL", "CTX"))
CREDITS = frozenset(("22", "23", "24", "32", "33", "34", "42", "43", "44", "52", "53", "54"))
DEBITS = frozenset(("27", "28", "29", "37", "38", "39", "47", "48", "49", "55"))
ALLOWED = {"200": CREDITS | DEBITS, "220": CREDITS, "225": DEBITS}
DEBIT_DIGITS = "56789"
WITHOUT_MONEY = "3489"  # last digit of a code: prenotes and zero-dollar entries
WAREHOUSED_DAYS = 5
FILLER = "9" * 94
CLOCK = r"([01]\d|2[0-3])[0-5]\d| {4}"
# Reasons after which the bank counts nothing in a file.
UNREADABLE = frozenset(("NOT_ASCII", "RECORD_LENGTH", "RECORD_TYPE", "RECORD_ORDER"))


class Faulty(Exception):
    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{reason}: {text}")
        self.reason = reason
        self.text = text


@dataclass(frozen=True)
class ReadEntry:
    line: str
    addenda: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.line[1:3]

    @property
    def routing(self) -> str:
        return self.line[3:12]

    @property
    def account(self) -> str:
        return self.line[12:29].strip()

    @property
    def cents(self) -> int:
        return int(self.line[29:39])

    @property
    def individual_id(self) -> str:
        return self.line[39:54].strip()

    @property
    def trace(self) -> str:
        return self.line[79:94]

    @property
    def is_debit(self) -> bool:
        return self.code[1] in DEBIT_DIGITS


@dataclass
class ReadBatch:
    header: str
    entries: list[ReadEntry] = field(default_factory=list)
    control: str = ""
    reason: str = ""
    text: str = ""

    @property
    def number(self) -> int:
        return int(self.header[87:94]) if self.header[87:94].isdigit() else 0

    @property
    def company_id(self) -> str:
        return self.header[40:50].strip()

    @property
    def sec(self) -> str:
        return self.header[50:53]

    @property
    def description(self) -> str:
        return self.header[53:63].strip()

    @property
    def period(self) -> str:
        return self.header[63:69].strip()

    @property
    def effective_on(self) -> date | None:
        return short_date(self.header[69:75])

    @property
    def records(self) -> int:
        return sum(1 + len(entry.addenda) for entry in self.entries)

    @property
    def routing_sum(self) -> int:
        return sum(int(entry.routing[:8]) for entry in self.entries)

    @property
    def debit_cents(self) -> int:
        return sum(entry.cents for entry in self.entries if entry.is_debit)

    @property
    def credit_cents(self) -> int:
        return sum(entry.cents for entry in self.entries if not entry.is_debit)


@dataclass
class ReadFile:
    """As far as the bank could read it; `reason` says why it was not taken."""

    header: str = ""
    batches: list[ReadBatch] = field(default_factory=list)
    control: str = ""
    records: int = 0
    reason: str = ""
    text: str = ""

    @property
    def created_on(self) -> date | None:
        return short_date(self.header[23:29])

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Origin, date, time and modifier: what must never come twice."""
        header = self.header
        return header[13:23].strip(), header[23:29], header[29:33], header[33:34]


def short_date(text: str) -> date | None:
    if not re.fullmatch(r"\d{6}", text):
        return None
    try:
        return datetime.strptime(f"20{text}", "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def read(data: bytes, *, routing: str) -> ReadFile:
    """Everything about the file but its duplicate key and the dates, which need memory and a day."""
    taken = ReadFile()
    try:
        lines = _records(data)
        taken.header = lines[0]
        _check_header(taken, routing)
        _sort_records(taken, lines)
        _check_numbers(taken)
        _check_totals(taken)
    except Faulty as fault:
        taken.reason, taken.text = fault.reason, fault.text
    return taken


def check_batch(batch: ReadBatch, *, routing: str, processing_on: date) -> None:
    """Leaves in the batch the first reason for rejecting it."""
    for reason, text in _faults(batch, routing, processing_on):
        batch.reason, batch.text = reason, text
        return


def operator_code(entry: ReadEntry) -> str:
    """The code with which the network itself sends one entry back, or nothing."""
    weighted = sum(
        int(digit) * weight
        for digit, weight in zip(entry.routing, (3, 7, 1, 3, 7, 1, 3, 7, 1), strict=True)
    )
    if weighted % 10:
        return "R28"
    return "" if entry.account and entry.line[54:76].strip() else "R26"


def _records(data: bytes) -> list[str]:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise Faulty("NOT_ASCII", "the file holds bytes that are not ASCII") from None
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) != 94:
            raise Faulty("RECORD_LENGTH", f"line {number} has {len(line)} characters instead of 94")
        if line[0] not in RECORD_ORDER:
            raise Faulty("RECORD_TYPE", f"line {number} begins with no known record type")
    return lines


def _check_header(taken: ReadFile, routing: str) -> None:
    header = taken.header
    if header[0] != "1":
        raise Faulty("RECORD_ORDER", "the first line is not a file header")
    if header[1:3] != "01" or header[34:40] != "094101":
        raise Faulty("FILE_HEADER", "priority or record size or blocking or format is wrong")
    if taken.created_on is None or not re.fullmatch(CLOCK, header[29:33]):
        raise Faulty("FILE_HEADER", "creation date or time cannot be read")
    if not re.fullmatch(r"[A-Z0-9]", header[33]):
        raise Faulty("FILE_HEADER", "the file id modifier is not A to Z or 0 to 9")
    if header[3:13].strip() != routing:
        raise Faulty("DESTINATION", f"the file is addressed to {header[3:13].strip()}")


def _sort_records(taken: ReadFile, lines: list[str]) -> None:
    body = list(lines)
    while len(body) > 1 and body[-1] == FILLER:
        body.pop()
    taken.records = len(lines)
    for number, (before, line) in enumerate(pairwise(body), start=2):
        if line[0] not in RECORD_ORDER[before[0]]:
            raise Faulty("RECORD_ORDER", f"line {number}: a {line[0]} cannot follow a {before[0]}")
        _place(taken, line)
    if not taken.control or not taken.batches:
        raise Faulty("RECORD_ORDER", "the file has no file control or no batch")


def _place(taken: ReadFile, line: str) -> None:
    if line[0] == "5":
        taken.batches.append(ReadBatch(header=line))
    elif line[0] == "6":
        taken.batches[-1].entries.append(ReadEntry(line=line, addenda=()))
    elif line[0] == "7":
        entry = taken.batches[-1].entries.pop()
        taken.batches[-1].entries.append(ReadEntry(entry.line, (*entry.addenda, line)))
    elif line[0] == "8":
        taken.batches[-1].control = line
    else:
        taken.control = line


def _check_numbers(taken: ReadFile) -> None:
    """Digits where totals are made of digits, so that everything after may count."""
    for batch in taken.batches:
        for entry in batch.entries:
            if not (entry.routing + entry.line[29:39]).isdigit():
                raise Faulty("RECORD_TYPE", f"batch {batch.number}: routing or amount not digits")
        if not batch.control[4:44].isdigit():
            raise Faulty("RECORD_TYPE", f"batch {batch.number}: totals not digits")
    if not taken.control[1:55].isdigit():
        raise Faulty("RECORD_TYPE", "totals of the file control not digits")


def _check_totals(taken: ReadFile) -> None:
    control, batches = taken.control, taken.batches
    sums = (
        ("BATCH_COUNT", control[1:7], len(batches)),
        ("BLOCK_COUNT", control[7:13], -(-taken.records // 10)),
        ("ENTRY_COUNT", control[13:21], sum(batch.records for batch in batches)),
        ("ENTRY_HASH", control[21:31], sum(batch.routing_sum for batch in batches) % 10**10),
        ("DEBIT_TOTAL", control[31:43], sum(batch.debit_cents for batch in batches)),
        ("CREDIT_TOTAL", control[43:55], sum(batch.credit_cents for batch in batches)),
    )
    for reason, said, counted in sums:
        if int(said) != counted:
            raise Faulty(reason, f"file control says {int(said)} and the bank counts {counted}")


def _faults(batch: ReadBatch, routing: str, processing_on: date) -> Iterator[tuple[str, str]]:
    header, control = batch.header, batch.control
    if header[1:4] not in ALLOWED:
        yield "SERVICE_CLASS", f"service class {header[1:4]} is not known"
    if batch.sec not in SEC_CODES:
        yield "SEC_CODE", f"SEC code {batch.sec} is not taken"
    if not header[4:20].strip(" 0") or not batch.company_id.strip("0"):
        yield "COMPANY", "company name or company id is missing"
    if not batch.description.strip("0"):
        yield "DESCRIPTION", "company entry description is missing"
    if header[79:87] != routing[:8]:
        yield "ODFI", f"ODFI {header[79:87]} is not this bank"
    yield from _date_faults(batch, processing_on)
    yield from _control_faults(batch, header, control)
    yield from _entry_faults(batch)


def _date_faults(batch: ReadBatch, processing_on: date) -> Iterator[tuple[str, str]]:
    effective_on = batch.effective_on
    if effective_on is None or not is_banking_day(effective_on):
        yield "EFFECTIVE_DATE", f"effective date {batch.header[69:75]} is no banking day"
    elif effective_on <= processing_on:
        yield (
            "EFFECTIVE_DATE",
            f"effective date {effective_on} is not after the processing day {processing_on}",
        )
    elif effective_on > add_banking_days(processing_on, WAREHOUSED_DAYS):
        yield (
            "EFFECTIVE_DATE",
            f"effective date {effective_on} is too long after the processing day {processing_on}",
        )


def _control_faults(batch: ReadBatch, header: str, control: str) -> Iterator[tuple[str, str]]:
    said = control[1:4] + control[44:54] + control[79:94]
    if said != header[1:4] + header[40:50] + header[79:94]:
        yield "BATCH_CONTROL", "batch control and batch header differ"
    sums = (
        ("ENTRY_COUNT", control[4:10], batch.records),
        ("ENTRY_HASH", control[10:20], batch.routing_sum % 10**10),
        ("DEBIT_TOTAL", control[20:32], batch.debit_cents),
        ("CREDIT_TOTAL", control[32:44], batch.credit_cents),
    )
    for reason, written, counted in sums:
        if int(written) != counted:
            yield reason, f"batch control says {int(written)} and the bank counts {counted}"


def _entry_faults(batch: ReadBatch) -> Iterator[tuple[str, str]]:
    last = ""
    for entry in batch.entries:
        if entry.code not in ALLOWED.get(batch.header[1:4], frozenset()):
            yield "TRANSACTION_CODE", f"trace {entry.trace}: code {entry.code} does not fit"
        if not entry.trace.startswith(batch.header[79:87]) or entry.trace <= last:
            yield "TRACE", f"trace {entry.trace}: wrong prefix or not ascending"
        if (entry.code[1] in WITHOUT_MONEY) != (entry.cents == 0):
            yield "AMOUNT", f"trace {entry.trace}: code {entry.code} does not fit the amount"
        if entry.line[78] != str(min(1, len(entry.addenda))):
            yield "ADDENDA", f"trace {entry.trace}: the addenda indicator is wrong"
        last = entry.trace
