from django.db import models


class PropertyKind(models.TextChoices):
    OWNED = "OWNED"
    MANAGED = "MANAGED"


class Rollout(models.TextChoices):
    """How far a property has come: SHADOW works everything out and sends nothing.

    PILOT is LIVE for the leases that are named and SHADOW for the others.
    """

    DISABLED = "DISABLED"
    SHADOW = "SHADOW"
    PILOT = "PILOT"
    LIVE = "LIVE"


class ChargeKind(models.TextChoices):
    RENT = "RENT"
    LATE_FEE = "LATE_FEE"
    SERVICE_FEE = "SERVICE_FEE"
    NSF_FEE = "NSF_FEE"
    DEPOSIT = "DEPOSIT"
    UTILITY = "UTILITY"
    OTHER = "OTHER"


class Role(models.TextChoices):
    TENANT = "TENANT"
    PROPERTY_MANAGER = "PROPERTY_MANAGER"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"


# Who looks does not act, who pays rent does not book it, who lets people in moves no money.
TOGETHER = frozenset(
    frozenset({Role.PROPERTY_MANAGER, other}) for other in (Role.FINANCE, Role.ADMIN)
)


def conflict(one: str, other: str) -> bool:
    """Nobody has both roles, wherever he has them; the database knows the same pairs."""
    return one != other and frozenset({one, other}) not in TOGETHER


class Roll(models.TextChoices):
    """Where a debit goes whose day is no banking day; BACKWARD only where the mandate says so."""

    FORWARD = "FORWARD"
    BACKWARD = "BACKWARD"


class PartialRule(models.TextChoices):
    """How little of the balance a payer may pay at a time."""

    ALLOW = "ALLOW"
    MIN_AMOUNT = "MIN_AMOUNT"
    MIN_PERCENT = "MIN_PERCENT"
    DENY = "DENY"


class VerificationOffer(models.TextChoices):
    """How payers may have their bank account verified; values as of mandates' VerificationMethod."""

    MICRO_DEPOSIT = "MICRO", "Micro-deposits"
    PRENOTE = "PRENOTE"


class Origin(models.TextChoices):
    """Which level decided."""

    DEFAULT = "DEFAULT"
    ORGANISATION = "ORGANISATION"
    PROPERTY = "PROPERTY"
