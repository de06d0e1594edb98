from django.db import models


class ReturnKind(models.TextChoices):
    RETURN = "RETURN"
    DISHONORED = "DISHONORED"
    CONTESTED = "CONTESTED"


class CorrectionStatus(models.TextChoices):
    APPLIED = "APPLIED"
    PARKED = "PARKED"


class Action(models.TextChoices):
    """What a return code asks the originator to do (Nacha operating rules, subsection 3.1)."""

    RETRY = "RETRY"
    FIX = "FIX"
    STOP = "STOP"
    CREDIT = "CREDIT"
    INFO = "INFO"
