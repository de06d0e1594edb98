from django.db import models


class EntryStatus(models.TextChoices):
    PLANNED = "PLANNED"
    EJECTED = "EJECTED"
    FROZEN = "FROZEN"
    VOID = "VOID"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    SETTLED = "SETTLED"
    REJECTED = "REJECTED"
    RETURNED = "RETURNED"
    DISHONORED = "DISHONORED"
    CONTESTED = "CONTESTED"


_E = EntryStatus
ENTRY_MOVES: dict[str, frozenset[str]] = {
    _E.PLANNED: frozenset({_E.FROZEN, _E.EJECTED}),
    _E.EJECTED: frozenset(),
    _E.FROZEN: frozenset({_E.SENT, _E.VOID}),
    _E.VOID: frozenset(),
    _E.SENT: frozenset({_E.ACCEPTED, _E.SETTLED, _E.REJECTED, _E.RETURNED}),
    _E.ACCEPTED: frozenset({_E.SETTLED, _E.REJECTED, _E.RETURNED}),
    _E.SETTLED: frozenset({_E.RETURNED}),
    _E.REJECTED: frozenset(),
    _E.RETURNED: frozenset({_E.DISHONORED}),
    _E.DISHONORED: frozenset({_E.CONTESTED}),
    _E.CONTESTED: frozenset(),
}

# The payment has an attempt on its way; a second beside it could debit twice.
LIVE_ENTRY = (_E.PLANNED, _E.FROZEN, _E.SENT, _E.ACCEPTED)
# The entry stands in a file the bank has.
PUBLISHED_ENTRY = (
    _E.SENT,
    _E.ACCEPTED,
    _E.SETTLED,
    _E.REJECTED,
    _E.RETURNED,
    _E.DISHONORED,
    _E.CONTESTED,
)


class BatchStatus(models.TextChoices):
    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    CANCELLED = "CANCELLED"
    FROZEN = "FROZEN"
    VOID = "VOID"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    SETTLED = "SETTLED"


_B = BatchStatus
BATCH_MOVES: dict[str, frozenset[str]] = {
    _B.DRAFT: frozenset({_B.APPROVED, _B.CANCELLED}),
    _B.APPROVED: frozenset({_B.DRAFT, _B.FROZEN, _B.CANCELLED}),
    _B.CANCELLED: frozenset(),
    _B.FROZEN: frozenset({_B.SENT, _B.VOID}),
    _B.VOID: frozenset(),
    _B.SENT: frozenset({_B.ACCEPTED, _B.REJECTED, _B.SETTLED}),
    _B.ACCEPTED: frozenset({_B.SETTLED, _B.REJECTED}),
    _B.REJECTED: frozenset(),
    _B.SETTLED: frozenset(),
}


class FileStatus(models.TextChoices):
    """FROZEN to REJECTED are files sent, RECEIVED to QUARANTINED files received."""

    FROZEN = "FROZEN"
    UPLOADING = "UPLOADING"
    PUBLISHING = "PUBLISHING"
    HELD = "HELD"
    VOID = "VOID"
    PUBLISHED = "PUBLISHED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    RECEIVED = "RECEIVED"
    APPLIED = "APPLIED"
    QUARANTINED = "QUARANTINED"


_F = FileStatus
FILE_MOVES: dict[str, frozenset[str]] = {
    _F.FROZEN: frozenset({_F.UPLOADING, _F.VOID}),
    _F.UPLOADING: frozenset({_F.UPLOADING, _F.PUBLISHING, _F.HELD, _F.VOID}),
    _F.PUBLISHING: frozenset({_F.PUBLISHED, _F.UPLOADING, _F.HELD, _F.VOID}),
    _F.PUBLISHED: frozenset({_F.ACCEPTED, _F.REJECTED}),
    # Once somebody proved what became of it: the bank's acknowledgement, or a person who asked.
    _F.HELD: frozenset({_F.PUBLISHED, _F.VOID}),
    _F.VOID: frozenset(),
    _F.ACCEPTED: frozenset(),
    _F.REJECTED: frozenset(),
    _F.RECEIVED: frozenset({_F.APPLIED, _F.QUARANTINED}),
    _F.APPLIED: frozenset(),
    _F.QUARANTINED: frozenset(),
}


class FileKind(models.TextChoices):
    """What a file is; an inbound NACHA file may hold returns and corrections together."""

    ENTRIES = "ENTRIES"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    SETTLEMENT = "SETTLEMENT"
    RETURNS = "RETURNS"
    NO_ACTIVITY = "NO_ACTIVITY"
    UNKNOWN = "UNKNOWN"


class EvidenceKind(models.TextChoices):
    """Why we believe it. A client's word is tentative and never clears anything."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    SETTLED = "SETTLED"
    RETURN_CHARGED = "RETURN_CHARGED"
    RETURNS_READ = "RETURNS_READ"
    CLIENT_WORD = "CLIENT_WORD"
