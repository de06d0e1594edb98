from django.db import models
from django.utils.translation import gettext_lazy as _

from housing_ach.tenants.states import Roll as Roll  # noqa: PLC0414 - said here as ever


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


class AutopayMode(models.TextChoices):
    """What a debit takes of the open charges due by its day; paid ahead is FIXED alone.

    PERCENT takes basis points of the balance, rounded down to the cent: never more than agreed.
    RECURRING_ONLY takes what charge schedules raised, and no charge that was added once.
    """

    FULL_BALANCE = "FULL_BALANCE"
    CAPPED = "CAPPED"
    FIXED = "FIXED"
    PERCENT = "PERCENT"
    RECURRING_ONLY = "RECURRING_ONLY"


# Their terms: `cents`, `basis_points`, or neither.
IN_CENTS = (AutopayMode.CAPPED, AutopayMode.FIXED)
# All of a balance, in basis points.
WHOLE = 10_000


class OverCap(models.TextChoices):
    PAY_CAP = "PAY_CAP"
    SKIP = "SKIP"


class Moved(models.TextChoices):
    """Why a debit is not on the day that was asked for: banks are closed."""

    NOT = "", ""
    WEEKEND = "WEEKEND", _("weekend")
    NEW_YEAR = "NEW_YEAR", _("New Year's Day")
    KING = "KING", _("Martin Luther King Jr. Day")
    PRESIDENTS = "PRESIDENTS", _("Presidents' Day")
    MEMORIAL = "MEMORIAL", _("Memorial Day")
    JUNETEENTH = "JUNETEENTH", _("Juneteenth")
    INDEPENDENCE = "INDEPENDENCE", _("Independence Day")
    LABOR = "LABOR", _("Labor Day")
    COLUMBUS = "COLUMBUS", _("Columbus Day")
    VETERANS = "VETERANS", _("Veterans Day")
    THANKSGIVING = "THANKSGIVING", _("Thanksgiving Day")
    CHRISTMAS = "CHRISTMAS", _("Christmas Day")
    CLOSED = "CLOSED", _("bank holiday")


class NoticeKind(models.TextChoices):
    """What a payer must be told in writing before a debit.

    VARYING_AMOUNT: it lies outside the range that was authorised (12 CFR 1005.10(d)).
    """

    VARYING_AMOUNT = "VARYING_AMOUNT"
