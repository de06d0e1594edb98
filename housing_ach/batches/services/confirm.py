"""A person found out what became of a file whose outcome the server could not tell."""

from datetime import datetime

from housing_ach.batches.models import BankFile
from housing_ach.batches.services.post import post_sent, void
from housing_ach.batches.states import FileStatus
from housing_ach.shared.problems import Refusal


class NotHeld(Refusal):
    """Only a held file waits for somebody's word."""


def confirm_published(file: BankFile, *, at: datetime) -> None:
    """The bank says it has the file: post it as sent."""
    _require_held(file)
    post_sent(file, at=at)


def confirm_lost(file: BankFile, *, at: datetime) -> None:
    """The bank says it never had the file: VOID, and its payments are planned anew."""
    _require_held(file)
    void(file, reason="the bank says it never had the file", at=at)


def _require_held(file: BankFile) -> None:
    if file.status != FileStatus.HELD:
        raise NotHeld(f"file {file}: is {file.status}, not held", field="status", ids=[file.pk])
