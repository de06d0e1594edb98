"""Every NACHA file the bank sent: read whole, written down, applied, and believed read."""

import logging
from datetime import datetime

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.batches.models import IN, BankFile, Evidence
from housing_ach.batches.services import content_of, quarantine
from housing_ach.batches.states import EvidenceKind, FileKind, FileStatus
from housing_ach.returns.services.apply import apply_waiting
from housing_ach.returns.services.correct import apply_corrections, replan_stale
from housing_ach.returns.services.reading import Delivery, Unusable, delivery_of
from housing_ach.returns.services.record import record
from housing_ach.returns.services.stop import hold_stopped
from housing_ach.shared.failpoints import failpoint

log = logging.getLogger(__name__)


def apply_received(*, at: datetime) -> None:
    """Files first, then the returns that came before their own entry was on our books.

    A file is APPLIED when all of it is: a process that dies in between reads it again, and what was
    written is known by its keys.
    """
    files = BankFile.objects.filter(
        direction=IN, kind=FileKind.RETURNS, status=FileStatus.RECEIVED
    ).select_related("profile")
    for file in files.order_by("pk"):
        _take_in(file, at=at)
    apply_waiting(at=at)
    replan_stale()
    hold_stopped(at=at)


def _take_in(file: BankFile, *, at: datetime) -> None:
    try:
        delivery = delivery_of(file, content_of(file))
    except Unusable as problem:
        _quarantine(file, problem, at=at)
        return
    if not record(delivery, at=at):
        return
    failpoint("returns.recorded")
    apply_corrections(delivery, at=at)
    apply_waiting(at=at, file_id=file.pk)
    failpoint("returns.applied")
    _finish(delivery, at=at)


def _quarantine(file: BankFile, problem: Unusable, *, at: datetime) -> None:
    with transaction.atomic():
        locked = BankFile.objects.select_for_update(no_key=True).get(pk=file.pk)
        if locked.status == FileStatus.RECEIVED:
            quarantine(locked, str(problem), at=at)


def _finish(delivery: Delivery, *, at: datetime) -> None:
    """The day's returns count as read only now that they are applied: clearing waits for it."""
    with transaction.atomic():
        file = BankFile.objects.select_for_update(no_key=True).get(pk=delivery.file.pk)
        if file.status != FileStatus.RECEIVED:
            return
        move(file, FileStatus.APPLIED)
        if delivery.tells_of_returns:
            Evidence.objects.create(
                kind=EvidenceKind.RETURNS_READ,
                file=file,
                line=1,
                profile=file.profile,
                banking_on=delivery.banking_on,
                made_at=at,
            )
