from django.db import models


class AccountType(models.TextChoices):
    CHECKING = "CHECKING"
    SAVINGS = "SAVINGS"


class AccountStatus(models.TextChoices):
    """OPEN may be debited once verified; CLOSED and BLOCKED never are (a return said so)."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    BLOCKED = "BLOCKED"


ACCOUNT_MOVES = {
    AccountStatus.OPEN: frozenset({AccountStatus.CLOSED, AccountStatus.BLOCKED}),
    AccountStatus.BLOCKED: frozenset({AccountStatus.OPEN, AccountStatus.CLOSED}),
    AccountStatus.CLOSED: frozenset[str](),
}


class VerificationStatus(models.TextChoices):
    """PENDING waits for its prenote (Nacha: live from the 3rd banking day after it settled), or for
    the holder to tell the amounts of its micro-deposits.
    """

    UNVERIFIED = "UNVERIFIED"
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"


class VerificationMethod(models.TextChoices):
    PRENOTE = "PRENOTE"
    MICRO_DEPOSIT = "MICRO", "Micro-deposits"
    SERVICE = "SERVICE"
    MANUAL = "MANUAL"


class MandateStatus(models.TextChoices):
    PENDING_VERIFICATION = "PENDING_VERIFICATION"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    BLOCKED = "BLOCKED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


MANDATE_MOVES = {
    MandateStatus.PENDING_VERIFICATION: frozenset(
        {MandateStatus.ACTIVE, MandateStatus.BLOCKED, MandateStatus.REVOKED, MandateStatus.EXPIRED}
    ),
    MandateStatus.ACTIVE: frozenset(
        {
            MandateStatus.PENDING_VERIFICATION,
            MandateStatus.PAUSED,
            MandateStatus.BLOCKED,
            MandateStatus.REVOKED,
            MandateStatus.EXPIRED,
        }
    ),
    MandateStatus.PAUSED: frozenset(
        {MandateStatus.ACTIVE, MandateStatus.BLOCKED, MandateStatus.REVOKED, MandateStatus.EXPIRED}
    ),
    MandateStatus.BLOCKED: frozenset(
        {MandateStatus.ACTIVE, MandateStatus.REVOKED, MandateStatus.EXPIRED}
    ),
    MandateStatus.REVOKED: frozenset[str](),
    MandateStatus.EXPIRED: frozenset[str](),
}


class Channel(models.TextChoices):
    """How permission was given; the SEC code follows from it (domain rule of Nacha 2.5)."""

    PAPER = "PAPER"
    INTERNET = "INTERNET"
    TELEPHONE = "TELEPHONE"
    CORPORATE = "CORPORATE"


SEC_OF_CHANNEL = {
    Channel.PAPER: "PPD",
    Channel.INTERNET: "WEB",
    Channel.TELEPHONE: "TEL",
    Channel.CORPORATE: "CCD",
}


class Roll(models.TextChoices):
    """Where a debit goes whose day is no banking day; BACKWARD only where the mandate says so."""

    FORWARD = "FORWARD"
    BACKWARD = "BACKWARD"


class AutopayMode(models.TextChoices):
    FULL_BALANCE = "FULL_BALANCE"
    CAPPED = "CAPPED"
    FIXED = "FIXED"


class OverCap(models.TextChoices):
    PAY_CAP = "PAY_CAP"
    SKIP = "SKIP"
