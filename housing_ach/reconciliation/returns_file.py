"""A NACHA return file, read by the codec: whole and in itself right, or not at all."""

from collections.abc import Iterator, Sequence
from datetime import date

from housing_ach import nacha
from housing_ach.nacha.objects import Entry
from housing_ach.reconciliation.claims import Claim, Collector, Fault, Unreadable
from housing_ach.reconciliation.states import NamedBy, Said

TRACE = 15


def read(content: bytes) -> Sequence[Claim]:
    """Raises Unreadable. Corrections are left out: they are about no money."""
    file = nacha.read(content)
    if not file.readable or file.issues.errors:
        raise Unreadable(_issues(file))
    if file.header is None or file.header.creation_on is None:
        raise Unreadable([Fault(1, "creation_date", "The file has no creation date.")])
    found = Collector()
    for claim in _claims(file, found, file.header.creation_on):
        found.put(claim)
    return found.done(None)


def _issues(file: nacha.File) -> list[Fault]:
    """As the codec words them: account numbers masked."""
    wrong = [issue for issue in file.issues if issue.severity == "error"]
    return [Fault(issue.line, issue.field, issue.message) for issue in wrong] or [
        Fault(1, "", "This is no ACH file.")
    ]


def _claims(file: nacha.File, found: Collector, on: date) -> Iterator[Claim]:
    for entry in file.entries:
        told = entry.return_info
        if told is None:
            if entry.correction is None:
                found.fault(entry.line, "", "The entry is neither a return nor a correction.")
        elif told.kind != "RETURN":
            found.fault(entry.line, "", "Only first returns are taken, none that answers another.")
        else:
            yield _claim(entry, told, on)


def _claim(entry: Entry, told: nacha.ReturnAddenda, on: date) -> Claim:
    """Some banks drop the leading zeros of a trace number."""
    trace = told.original_trace.strip().zfill(TRACE)
    said = Said.RETURNED
    return Claim(
        entry.line, NamedBy.TRACE, trace, said, told.code, entry.cents, on, told.original_rdfi
    )
