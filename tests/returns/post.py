"""What the tests of this folder do with files: put one into the bank's folder, read what is there."""

import hashlib
from datetime import date, datetime

from housing_ach.bank.sftp import Listed
from housing_ach.batches.models import BankFile, Entry
from housing_ach.batches.services.receive import store
from housing_ach.cases.models import Case
from housing_ach.returns.services import apply_received
from tests.batches.town import THURSDAY, Town, morning
from tests.returns.letters import Letter, render

RETURNED_ON = THURSDAY


def deliver(town: Town, *letters: Letter, on: date = RETURNED_ON, modifier: str = "A") -> BankFile:
    """The bank's file is fetched and applied, as the timetable does it."""
    return bring(town, render(letters, on=on, modifier=modifier), at=morning(on))


def bring(town: Town, content: bytes, *, at: datetime) -> BankFile:
    file = fetched(town, content, at=at)
    apply_received(at=at)
    file.refresh_from_db()
    return file


def fetched(town: Town, content: bytes, *, at: datetime) -> BankFile:
    name = f"{hashlib.sha256(content).hexdigest()[:12]}.ach"
    store(town.profile, Listed(name, len(content)), content, at=at)
    return BankFile.objects.get(sha256=hashlib.sha256(content).hexdigest())


def only_entry() -> Entry:
    return Entry.objects.select_related("account_version", "payment").latest("pk")


def cases() -> list[tuple[str, str]]:
    """(kind, subject) of what is open, oldest first."""
    return [(case.kind, case.subject) for case in Case.objects.open().order_by("pk")]
