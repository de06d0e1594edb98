"""Which of our files and batches the bank speaks about."""

from datetime import datetime

from housing_ach.batches.models import OUT, BankFile, Batch
from housing_ach.batches.selectors import UNFINISHED
from housing_ach.batches.services.post import post_sent
from housing_ach.batches.states import FileStatus
from housing_ach.shared.problems import Refusal


class Contradiction(Refusal):
    """The bank's word does not agree with what we know; nothing of the file is used."""


class NotYet(Refusal):
    """The bank was faster than our own bookkeeping: the file is used on the next look."""


def our_file(theirs: BankFile, name: str, *, at: datetime) -> BankFile | None:
    """The file we sent, locked; None when there is none of that name.

    That the bank speaks about a HELD file proves it was published. Raises NotYet while it is on its way.
    """
    ours = (
        BankFile.objects.select_for_update()
        .filter(profile=theirs.profile_id, direction=OUT, name=name)
        .first()
    )
    if ours is None:
        return None
    if ours.status in UNFINISHED:
        raise NotYet(f"file {theirs}: speaks about {ours}, which is still {ours.status}")
    if ours.status == FileStatus.VOID:
        raise Contradiction(f"file: the bank has {ours}, which we proved unpublished", field="file")
    if ours.status == FileStatus.HELD:
        post_sent(ours, at=at)
    return ours


def batch_of(ours: BankFile, number: int) -> Batch | None:
    return Batch.objects.select_for_update().filter(file=ours, number=number).first()
