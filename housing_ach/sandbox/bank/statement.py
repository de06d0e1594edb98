"""What the holder of a receiving account would see on his statement, where there is no receiving bank."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from housing_ach.sandbox.bank.bank import MEMORY
from housing_ach.sandbox.bank.checks import ReadBatch, ReadEntry
from housing_ach.sandbox.bank.memory import remembering


class Seen(NamedTuple):
    on: date
    company: str
    description: str
    cents: int


def credits_of(folder: Path, account: str) -> list[Seen]:
    """Credits that settled, oldest first."""
    if not (folder / MEMORY).exists():
        return []
    with remembering(folder / MEMORY) as memory:
        settled = memory.settled_credits()
    return [
        _seen(on, ReadBatch(header), entry)
        for on, header, entry in ((on, head, ReadEntry(line, ())) for on, head, line in settled)
        if entry.account == account
    ]


def _seen(on: str, batch: ReadBatch, entry: ReadEntry) -> Seen:
    company = batch.header[4:20].strip()
    return Seen(date.fromisoformat(on), company, batch.description, entry.cents)
