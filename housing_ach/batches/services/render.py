"""Entries into the bytes of a file, and what the rules find in those bytes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from housing_ach import nacha
from housing_ach.bank.models import BankProfile
from housing_ach.bank.states import LineEnding
from housing_ach.batches.models import Batch
from housing_ach.mandates.selectors import open_numbers
from housing_ach.payments.states import Direction
from housing_ach.shared.problems import Refusal
from housing_ach.vault.keys import CannotOpen

ENDINGS = {LineEnding.LF: "\n", LineEnding.CRLF: "\r\n"}
SERVICE_CLASSES = {Direction.DEBIT: "225", Direction.CREDIT: "220"}
NAME_WIDTH = 22
SHOWN = 3


class FileCannotBeWritten(Refusal):
    """Something is wrong with the file as a whole, so that no entry alone is to blame."""


class Row(NamedTuple):
    """An entry as it will be written, but for its account number, which only `render()` opens."""

    entry_id: int
    batch_number: int
    version_id: int
    routing: str
    transaction_code: str
    cents: int
    individual_id: str
    name: str
    discretionary: str
    serial: int
    trace: str


@dataclass(frozen=True)
class Header:
    profile: BankProfile
    origin: str
    creation_on: date
    creation_time: str
    modifier: str


@dataclass(frozen=True)
class Rendered:
    """Bytes and each row's line; or faults, by entry, and then nothing else."""

    rows: Sequence[Row] = ()
    content: bytes = field(default=b"", repr=False)
    lines: Sequence[int] = ()
    faults: dict[int, str] = field(default_factory=dict)


def render(header: Header, batches: Sequence[Batch], rows: Sequence[Row]) -> Rendered:
    """Write the rows, which stand in the order of batch numbers, and read them back.

    Raises FileCannotBeWritten.
    """
    numbers, unopened = _open(sorted({row.version_id for row in rows}))
    faults = {
        row.entry_id: "the vault does not open its account number"
        for row in rows
        if row.version_id in unopened
    }
    if faults:
        return Rendered(faults=faults)
    of_batch = [[row for row in rows if row.batch_number == batch.number] for batch in batches]
    spec = _spec(header, list(zip(batches, of_batch, strict=True)), numbers)
    try:
        content = nacha.write(spec, line_ending=ENDINGS[LineEnding(header.profile.line_ending)])
    except nacha.WriteErrors as problem:
        return Rendered(faults=_faults_of(problem, of_batch))
    return _read_back(header, rows, content)


def _open(version_ids: Sequence[int]) -> tuple[dict[int, str], set[int]]:
    """Numbers by version, and those that do not open; raises CannotOpen where none does."""
    try:
        return open_numbers(version_ids), set()
    except CannotOpen:
        opened: dict[int, str] = {}
        problem: CannotOpen | None = None
        for version in version_ids:
            try:
                opened |= open_numbers([version])
            except CannotOpen as refused:
                problem = refused
        if problem and not opened:
            raise
        return opened, set(version_ids) - set(opened)


def _spec(
    header: Header, batches: Iterable[tuple[Batch, Sequence[Row]]], numbers: dict[int, str]
) -> nacha.FileSpec:
    profile = header.profile
    return nacha.FileSpec(
        immediate_destination=profile.immediate_destination,
        immediate_origin=profile.immediate_origin,
        creation_on=header.creation_on,
        creation_time=header.creation_time,
        modifier=header.modifier,
        destination_name=profile.immediate_destination_name,
        origin_name=profile.immediate_origin_name,
        batches=[_batch_spec(batch, rows, numbers) for batch, rows in batches],
    )


def _batch_spec(batch: Batch, rows: Sequence[Row], numbers: dict[int, str]) -> nacha.BatchSpec:
    def texts(value: Callable[[Row], str]) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
        return np.array([value(row) for row in rows], np.str_)

    return nacha.BatchSpec(
        service_class=SERVICE_CLASSES[Direction(batch.direction)],
        company_name=batch.company.name,
        company_id=batch.company.company_id,
        sec_code=batch.sec_code,
        description=batch.description,
        descriptive_date=f"{batch.requested_on:%y%m%d}",
        effective_on=batch.effective_on,
        odfi=batch.company.odfi[:8],
        number=batch.number or 0,
        entries=nacha.EntryColumns(
            transaction_code=texts(lambda row: row.transaction_code),
            routing=texts(lambda row: row.routing),
            account=texts(lambda row: numbers[row.version_id]),
            cents=np.array([row.cents for row in rows], np.int64),
            individual_id=texts(lambda row: row.individual_id),
            name=texts(lambda row: nacha.fold_name(row.name, NAME_WIDTH)[0]),
            discretionary=texts(lambda row: row.discretionary),
            trace=texts(lambda row: row.trace),
        ),
    )


def _faults_of(problem: nacha.WriteErrors, of_batch: Sequence[Sequence[Row]]) -> dict[int, str]:
    faults: dict[int, str] = {}
    for error in problem.errors:
        if error.batch is not None and error.row is not None:
            row = of_batch[error.batch][error.row]
            faults.setdefault(row.entry_id, f"{error.field}: {error.reason}")
    if not faults:
        raise FileCannotBeWritten("; ".join(map(str, problem.errors[:SHOWN])), field="file")
    return faults


def _read_back(header: Header, rows: Sequence[Row], content: bytes) -> Rendered:
    """Our rules and the bank's own, over the very bytes that will be sent."""
    try:
        file = nacha.read(content, profile=header.profile.rule_overrides, listed=None)
    except nacha.UnknownRule as problem:
        raise FileCannotBeWritten(f"rule overrides: {problem}", field="rule_overrides") from problem
    lines = file.columns.lines.tolist()
    errors = [issue for issue in file.issues if issue.severity == "error"]
    entry_on = dict(zip(lines, rows, strict=False))
    faults = {
        entry_on[issue.line].entry_id: f"{issue.rule} {issue.field}: {issue.message}"
        for issue in reversed(errors)
        if issue.line in entry_on
    }
    if faults:
        return Rendered(faults=faults)
    if errors:
        found = "; ".join(
            f"{issue.rule} line {issue.line}: {issue.message}" for issue in errors[:SHOWN]
        )
        raise FileCannotBeWritten(found, field="file")
    written = list(zip(file.columns.traces.tolist(), file.columns.cents.tolist(), strict=True))
    if written != [(int(row.trace), row.cents) for row in rows]:
        raise FileCannotBeWritten(
            "file: does not read back to the entries it was made of", field="file"
        )
    return Rendered(rows=rows, content=content, lines=lines)
