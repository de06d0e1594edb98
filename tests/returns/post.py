"""What the tests of this folder do with files: send ours without a server, and read the bank's."""

import hashlib
from datetime import date, datetime

from housing_ach.audit.move import move
from housing_ach.bank.sftp import Listed
from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.batches import services as batches
from housing_ach.batches.models import BankFile, Entry
from housing_ach.batches.services.acknowledge import counts_of
from housing_ach.batches.services.post import post_sent
from housing_ach.batches.services.receive import store
from housing_ach.batches.states import FileStatus
from housing_ach.cases.models import Case
from housing_ach.returns.services import apply_received
from tests.batches.town import AFTERNOON, THURSDAY, TUESDAY, Town, morning
from tests.returns.letters import Letter, render

RETURNED_ON = THURSDAY


def send(town: Town) -> BankFile:
    """Frozen and posted as if the bank's server had it."""
    return publish(town.frozen())


def publish(file: BankFile) -> BankFile:
    move(file, FileStatus.UPLOADING)
    move(file, FileStatus.PUBLISHING)
    post_sent(file, at=AFTERNOON)
    return file


def settle(town: Town, file: BankFile, *, on: date = TUESDAY) -> None:
    counts = [(batch, *counts_of(batch)) for batch in file.batches.order_by("number")]
    lines = [
        f"BATCH,{file.name},{batch.number},{batch.company.company_id},{batch.effective_on},{on},"
        f"{entries},{debits},{credits_}"
        for batch, entries, debits, credits_ in counts
    ]
    total = ",".join(str(sum(row[place] for row in counts)) for place in (2, 3))
    head = f"HDR,SETTLEMENT,1,{on}T13:30:00Z,{on},{SANDBOX_BANK_ROUTING}"
    report = "\n".join([head, *lines, f"TRL,{len(lines)},{total},0,0", ""])
    fetched(town, report.encode(), at=morning(on))
    batches.apply_received(at=morning(on))


def deliver(town: Town, *letters: Letter, on: date = RETURNED_ON, modifier: str = "A") -> BankFile:
    """The bank's file is fetched and applied, as the timetable does it."""
    return bring(town, render(letters, on=on, modifier=modifier), at=morning(on))


def bring(town: Town, content: bytes, *, at: datetime) -> BankFile:
    file = fetched(town, content, at=at)
    apply_received(at=at)
    file.refresh_from_db()
    return file


def fetched(town: Town, content: bytes, *, at: datetime) -> BankFile:
    sha256 = hashlib.sha256(content).hexdigest()
    store(town.profile, Listed(f"{sha256[:12]}.ach", len(content), mtime=0), content, at=at)
    return BankFile.objects.get(sha256=sha256)


def only_entry() -> Entry:
    return Entry.objects.select_related("account_version", "payment").latest("pk")


def cases() -> list[tuple[str, str]]:
    """(kind, subject) of what is open, oldest first."""
    return [(case.kind, case.subject) for case in Case.objects.open().order_by("pk")]
