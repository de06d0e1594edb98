"""Raw bytes first, in a transaction of their own; what they mean comes afterwards."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.bank.models import BankProfile
from housing_ach.bank.services import open_bank
from housing_ach.bank.sftp import Listed
from housing_ach.batches.inbound import Unreadable, read_no_activity, sniff
from housing_ach.batches.models import IN, Arrival, BankFile, Evidence
from housing_ach.batches.services.acknowledge import acknowledge
from housing_ach.batches.services.inbound import Contradiction, NotYet
from housing_ach.batches.services.post import FILE, close_cases
from housing_ach.batches.services.settle import settle
from housing_ach.batches.services.upload import CONTEXT
from housing_ach.batches.states import EvidenceKind, FileKind, FileStatus
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.nacha import masked_copy
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal
from housing_ach.vault import services as vault
from housing_ach.vault.keys import MONEY

NAME = 120
PROFILE = BankProfile._meta.label_lower

log = logging.getLogger(__name__)


def receive(profile: BankProfile, *, at: datetime) -> list[BankFile]:
    """Fetch what is new in the bank's folder; returns the files that were not known by their bytes.

    Files stay on the server. One still being written has not the size it was listed with: next time.
    """
    fresh: list[BankFile] = []
    with open_bank(profile) as bank:
        listed = bank.list(profile.inbound_folder)
        known = set(
            Arrival.objects.filter(
                profile=profile, name__in=[item.name[:NAME] for item in listed]
            ).values_list("name", "size", "mtime")
        )
        for item in listed:
            if (item.name[:NAME], item.size, item.mtime) in known:
                continue
            content = bank.read(f"{profile.inbound_folder}/{item.name}")
            if len(content) == item.size:
                fresh += store(profile, item, content, at=at)
                failpoint("receive.stored")
    close_cases(CaseKind.FILE_HELD, PROFILE, profile.pk, "the bank can be reached", at=at)
    return fresh


def store(profile: BankProfile, item: Listed, content: bytes, *, at: datetime) -> list[BankFile]:
    """The file, unless its bytes came before: then only its arrival is noted."""
    with transaction.atomic():
        kind = sniff(content)
        file, is_new = BankFile.objects.get_or_create(
            profile=profile,
            direction=IN,
            sha256=hashlib.sha256(content).hexdigest(),
            defaults={
                "kind": kind,
                "status": FileStatus.RECEIVED,
                "name": item.name[:NAME],
                "size": len(content),
                "sealed": partial(vault.seal, MONEY, content, context=CONTEXT),  # type: ignore[misc]
                "masked": _shown(kind, content),
                "made_at": at,
            },
        )
        Arrival.objects.get_or_create(
            profile=profile,
            name=item.name[:NAME],
            size=item.size,
            mtime=item.mtime,
            defaults={"file": file, "seen_at": at},
        )
    return [file] if is_new else []


def apply_received(*, at: datetime) -> None:
    """Use every file not used yet, but for returns, which are read by their own package.

    An unreadable or contradicting file changes nothing, is QUARANTINED and has a Case.
    """
    waiting = BankFile.objects.filter(
        direction=IN, status=FileStatus.RECEIVED, kind__in=list(APPLIERS)
    )
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                _apply(pk, at=at)
        except NotYet as problem:
            log.info("%s", problem)
        except Refusal as problem:
            _tell_unused(pk, problem, at=at)


def tell_unreachable(profile: BankProfile, problem: Refusal, *, at: datetime) -> None:
    open_case(
        CaseKind.FILE_HELD,
        PROFILE,
        profile.pk,
        f"Nothing can be received from {profile}: {problem}",
        at=at,
        suggested_fix="It is tried again every minute; this is resolved by itself.",
    )


def quarantine(file: BankFile, reason: str, *, at: datetime) -> None:
    move(file, FileStatus.QUARANTINED, reason=reason[:300])
    open_case(
        CaseKind.FILE_QUARANTINED,
        FILE,
        file.pk,
        f"File {file.name} from the bank changed nothing: {reason}",
        at=at,
        suggested_fix="Ask the bank to send the file again.",
        facts={"sha256": file.sha256, "size": file.size},
    )


def content_of(file: BankFile) -> bytes:
    """The exact bytes; only processes with the private key of the money ring can have them."""
    return vault.reveal(file.sealed, context=CONTEXT)


def _apply(pk: int, *, at: datetime) -> None:
    file = BankFile.objects.select_for_update().get(pk=pk)
    if file.status != FileStatus.RECEIVED:
        return
    try:
        with transaction.atomic():
            APPLIERS[FileKind(file.kind)](file, content_of(file), at)
            move(file, FileStatus.APPLIED)
            close_cases(CaseKind.FILE_HELD, FILE, file.pk, "it could be used", at=at)
    except (Unreadable, Contradiction) as problem:
        file.refresh_from_db()
        quarantine(file, str(problem), at=at)


def _tell_unused(pk: int, problem: Refusal, *, at: datetime) -> None:
    """Readable, but our own rules refuse it for now (the period is closed): it blocks no other file."""
    file = BankFile.objects.get(pk=pk)
    log.warning("file %s is not used: %s", file, problem)
    open_case(
        CaseKind.FILE_HELD,
        FILE,
        pk,
        f"File {file.name} from the bank cannot be used: {problem}",
        at=at,
        suggested_fix="It is tried again by itself once the cause is gone.",
    )


def _note_no_activity(file: BankFile, content: bytes, at: datetime) -> None:
    notice = read_no_activity(content)
    Evidence.objects.create(
        kind=EvidenceKind.RETURNS_READ,
        file=file,
        line=1,
        profile=file.profile,
        banking_on=notice.banking_on,
        made_at=at,
    )


def _refuse_unknown(file: BankFile, content: bytes, at: datetime) -> None:
    what = "is empty" if not content.strip() else "is of no known kind"
    raise Unreadable(f"file: {what}", field="file")


APPLIERS: dict[FileKind, Callable[[BankFile, bytes, datetime], None]] = {
    FileKind.ACKNOWLEDGEMENT: acknowledge,
    FileKind.SETTLEMENT: settle,
    FileKind.NO_ACTIVITY: _note_no_activity,
    FileKind.UNKNOWN: _refuse_unknown,
}


def _shown(kind: FileKind, content: bytes) -> str:
    """What pages may show. Our text formats name no account; any other file may name one anywhere."""
    if kind in {FileKind.RETURNS, FileKind.UNKNOWN}:
        content = masked_copy(content)
    return content.decode("ascii", "replace").replace("\0", " ")
