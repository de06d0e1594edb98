from django.db import models


class ReconciliationStatus(models.TextChoices):
    RECEIVED = "RECEIVED"
    APPLIED = "APPLIED"
    QUARANTINED = "QUARANTINED"


_R = ReconciliationStatus
MOVES: dict[str, frozenset[str]] = {
    _R.RECEIVED: frozenset({_R.APPLIED, _R.QUARANTINED}),
    _R.APPLIED: frozenset(),
    _R.QUARANTINED: frozenset(),
}


class Form(models.TextChoices):
    """How a file is written."""

    JSON_LINES = "JSON_LINES"
    CSV = "CSV"
    NACHA = "NACHA"


class NamedBy(models.TextChoices):
    """A trace names an entry; the others only propose one."""

    TRACE = "TRACE"
    PAYMENT = "PAYMENT"
    EXTERNAL_ID = "EXTERNAL_ID"


class Said(models.TextChoices):
    SETTLED = "SETTLED"
    RETURNED = "RETURNED"


class Fate(models.TextChoices):
    """What a client's word is worth beside the bank's."""

    MATCHED = "MATCHED"
    TENTATIVE = "TENTATIVE"
    CONTRADICTED = "CONTRADICTED"
    UNKNOWN = "UNKNOWN"
