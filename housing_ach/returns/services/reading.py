"""An inbound NACHA file is read whole and its totals are checked before any of it is used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from housing_ach.batches.models import BankFile
from housing_ach.nacha import File, read
from housing_ach.nacha.objects import CorrectionAddenda, Entry, ReturnAddenda
from housing_ach.shared.problems import Refusal

# A file without a batch is a bank's way to say that nothing came back.
NOT_A_FAULT = {"F15": "off"}
TOLD = 3


class Unusable(Refusal):
    """The file is garbled, cut short or does not add up; nothing of it may be used."""


@dataclass(frozen=True)
class Delivery:
    """`banking_on` is the file header's creation date (docs/bank-files.md)."""

    file: BankFile
    content: File
    banking_on: date

    @property
    def strangers(self) -> int:
        """Entries that are neither returns nor corrections."""
        return self.content.entry_count - len(self.content.returns) - len(self.content.corrections)

    @property
    def tells_of_returns(self) -> bool:
        """Corrections come in files of their own, which say nothing about the day's returns."""
        return bool(self.content.returns) or not self.content.entry_count

    def returns(self) -> Iterator[tuple[Entry, ReturnAddenda]]:
        return ((entry, info) for entry in self.content.returns if (info := entry.return_info))

    def corrections(self) -> Iterator[tuple[Entry, CorrectionAddenda]]:
        return ((entry, info) for entry in self.content.corrections if (info := entry.correction))


def delivery_of(file: BankFile, content: bytes) -> Delivery:
    """Raises Unusable; a bank whose files break a rule for good has it turned off in its profile."""
    overrides = {**NOT_A_FAULT, **file.profile.rule_overrides}
    parsed = read(content, profile=overrides)
    if not parsed.readable or parsed.issues.errors:
        faults = [issue for issue in parsed.issues if issue.severity == "error"]
        told = "; ".join(f"line {issue.line}: {issue.message}" for issue in faults[:TOLD])
        more = f" and {parsed.issues.errors - TOLD} more" if parsed.issues.errors > TOLD else ""
        raise Unusable(f"{told or 'is not an ACH file'}{more}", field="file", ids=[file.pk])
    if parsed.header is None or parsed.header.creation_on is None:
        raise Unusable("file header: has no creation date", field="creation_on", ids=[file.pk])
    return Delivery(file, parsed, parsed.header.creation_on)
