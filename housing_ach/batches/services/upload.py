"""Upload, publish, post: every crash point resumes without a guess.

The commit point is ONE atomic rename, and the intent to rename is written before it. A process that
dies leaves one of three states. UPLOADING: nothing can be published, upload again. PUBLISHING and
the temporary copy can still be retracted: it was not published, upload again. PUBLISHING and it is
gone: it was published, even if the bank has taken it already; post. A process that stood still while
another took over is stopped by the attempt number before the rename, and by the retraction after it.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.bank.services import open_bank
from housing_ach.bank.sftp import BankConnection
from housing_ach.batches.models import BankFile
from housing_ach.batches.selectors import UNFINISHED, unfinished_files
from housing_ach.batches.services.fence import Fenced, holding, own, step
from housing_ach.batches.services.post import FILE, post_sent, void
from housing_ach.batches.states import FileStatus
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal
from housing_ach.vault import services as vault

CONTEXT = "bank file"
STALE = "the cut-off of its window passed before it was published"

log = logging.getLogger(__name__)


class CorruptCopy(Refusal):
    """What lies on the bank's server, or in the vault, is not the file that was frozen."""


def recover(*, at: datetime) -> None:
    """Take every file on its way one step further; one that cannot go never blocks the others."""
    for file in unfinished_files():
        try:
            send(file.pk, at=at)
        except Fenced as problem:
            log.info("%s", problem)
        except Refusal as problem:
            log.warning("file %s is not sent: %s", file, problem)
            _tell(file, problem, at=at)


def send(file_id: int, *, at: datetime) -> None:
    """Upload, publish and post, or find out how far it got; does nothing while another process does.

    Raises Refusals of the bank's server (all can be tried again), CorruptCopy and Fenced.
    """
    with holding(file_id) as mine:
        file = BankFile.objects.select_related("profile").get(pk=file_id)
        if not mine or file.status not in UNFINISHED:
            return
        if file.status == FileStatus.FROZEN and at >= _cut_off(file):
            void(file, reason=STALE, at=at)
            return
        with open_bank(file.profile) as bank:
            Delivery(file, bank, at).run()


class Delivery:
    """One process's attempt to bring one file to the bank."""

    def __init__(self, file: BankFile, bank: BankConnection, at: datetime) -> None:
        self.file = file
        self.bank = bank
        self.at = at
        self.started = monotonic()
        self.provable = file.profile.can_rename and file.profile.can_stat

    @property
    def now(self) -> datetime:
        """The business clock and what passed since: an upload may take longer than the window."""
        return self.at + timedelta(seconds=monotonic() - self.started)

    @property
    def final(self) -> str:
        return f"{self.file.profile.outbound_folder}/{self.file.name}"

    @property
    def temporary(self) -> str:
        return f"{self.file.profile.temp_folder}/{self.file.name}.{self.file.attempt}"

    def run(self) -> None:
        if self.file.status == FileStatus.PUBLISHING and not self._retracted():
            return
        if self.now >= _cut_off(self.file):
            self._void()
            return
        step(self.file, FileStatus.UPLOADING, attempt=self.file.attempt + 1)
        failpoint("upload.started")
        if self.provable:
            self._upload()
        if self._intend():
            self._publish()
        else:
            self._void()

    def _retracted(self) -> bool:
        """True: proven unpublished. Otherwise it was published and is posted now, or nobody knows."""
        if not self.provable:
            self._hold("the server cannot say whether it took the file")
            return False
        if self.bank.retract(self.temporary, f"{self.temporary}.void"):
            failpoint("publish.retracted")
            return True
        post_sent(self.file, at=self.at)
        return False

    def _upload(self) -> None:
        self.bank.put(self.temporary, self._content())
        failpoint("upload.written")
        if self.file.profile.can_read_back:
            self._compare(self.bank.sha256(self.temporary), "the bank's server")

    def _intend(self) -> bool:
        """Written before the rename, so that a crash is never ambiguous; False from the cut-off on."""
        with transaction.atomic():
            own(self.file)
            if self.now >= _cut_off(self.file):
                return False
            move(self.file, FileStatus.PUBLISHING)
        failpoint("publish.intended")
        return True

    def _publish(self) -> None:
        if self.provable:
            self.bank.rename(self.temporary, self.final)
        else:
            self._write_in_place()
        failpoint("publish.renamed")
        post_sent(self.file, at=self.at)

    def _write_in_place(self) -> None:
        """A server without rename: from the first byte on, a failure leaves the outcome unknown."""
        try:
            self.bank.put(self.final, self._content())
        except Refusal as problem:
            self._hold(str(problem))
            raise

    def _void(self) -> None:
        if self.file.status == FileStatus.UPLOADING and self.file.attempt and self.provable:
            self.bank.retract(self.temporary, f"{self.temporary}.void")
        void(self.file, reason=STALE, at=self.at)

    def _hold(self, reason: str) -> None:
        with transaction.atomic():
            step(self.file, FileStatus.HELD, reason=reason[:300])
            _tell(self.file, Refusal(f"outcome unknown, {reason}"), at=self.at)

    def _content(self) -> bytes:
        content = vault.reveal(self.file.sealed, context=CONTEXT)
        self._compare(hashlib.sha256(content).hexdigest(), "the vault")
        return content

    def _compare(self, sha256: str, where: str) -> None:
        if sha256 != self.file.sha256:
            raise CorruptCopy(
                f"file {self.file}: the copy in {where} has sha256 {sha256[:16]}…, "
                f"frozen was {self.file.sha256[:16]}…",
                field="sha256",
                ids=[self.file.pk],
            )


def _cut_off(file: BankFile) -> datetime:
    if file.cut_off_at is None:
        raise Refusal(f"file {file}: was never frozen for a window", field="cut_off_at")
    return file.cut_off_at


def _tell(file: BankFile, problem: Refusal, *, at: datetime) -> None:
    fix = "It is sent by itself once the cause is gone."
    if file.status == FileStatus.HELD:
        fix = "Ask the bank whether it has the file; then confirm it as sent, or as lost."
    open_case(
        CaseKind.FILE_HELD,
        FILE,
        file.pk,
        f"File {file} is not sent: {problem}",
        at=at,
        suggested_fix=fix,
        facts={"attempt": file.attempt, "status": file.status},
    )
