from django.db import models


class DocumentKind(models.TextChoices):
    RECEIPT = "RECEIPT"
    MANDATE = "MANDATE"
    STATEMENT = "STATEMENT"
    BATCH = "BATCH"
    DAY_END = "DAY_END"


class DocumentStatus(models.TextChoices):
    """A short document is made at once and begins DONE."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


_S = DocumentStatus
MOVES: dict[str, frozenset[str]] = {
    _S.QUEUED: frozenset({_S.RUNNING, _S.FAILED}),
    _S.RUNNING: frozenset({_S.DONE, _S.FAILED}),
    _S.DONE: frozenset(),
    _S.FAILED: frozenset(),
}
