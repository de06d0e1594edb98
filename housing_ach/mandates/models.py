from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from housing_ach.audit.fields import TxidField
from housing_ach.mandates.states import (
    ACCOUNT_MOVES,
    IN_CENTS,
    MANDATE_MOVES,
    WHOLE,
    AccountStatus,
    AccountType,
    AutopayMode,
    Channel,
    MandateStatus,
    NoticeKind,
    OverCap,
    Roll,
    VerificationMethod,
    VerificationStatus,
)
from housing_ach.tenants.models import Lease, Tenant, VisibleQuerySet


class BankAccountQuerySet(VisibleQuerySet["BankAccount"]):
    property_path = "tenant__shares__lease__unit__property"
    tenant_path = "tenant__user"


class BankAccount(models.Model):
    """A tokenised account: `token` opens the number in the vault, which is nowhere else.

    The row holds what is in force; every change is a `BankAccountVersion`.
    """

    MOVES: ClassVar = ACCOUNT_MOVES

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="bank_accounts")
    holder_name = models.CharField(max_length=80)
    individual_id = models.CharField(
        max_length=15, blank=True, help_text="As the receiving bank corrected it (C09), else ours."
    )
    routing = models.CharField(max_length=9)
    account_type = models.CharField(max_length=10, choices=AccountType)
    last_four = models.CharField(max_length=4, blank=True)
    token = models.UUIDField(unique=True)
    fingerprint_key = models.CharField(max_length=20)
    fingerprint = models.BinaryField(max_length=32)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=AccountStatus, default=AccountStatus.OPEN)
    verification = models.CharField(
        max_length=12, choices=VerificationStatus, default=VerificationStatus.UNVERIFIED
    )
    verification_method = models.CharField(max_length=10, choices=VerificationMethod, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(routing__regex=r"^[0-9]{9}$"), name="routing_has_nine_digits"
            ),
            models.UniqueConstraint(
                fields=["tenant", "fingerprint_key", "fingerprint"],
                condition=~Q(status=AccountStatus.CLOSED),
                name="tenant_has_an_account_once",
            ),
            models.CheckConstraint(
                condition=~Q(verification=VerificationStatus.VERIFIED)
                | Q(verified_on__isnull=False) & ~Q(verification_method=""),
                name="verified_account_says_how_and_when",
            ),
        ]
        indexes = [models.Index(fields=["fingerprint_key", "fingerprint"], name="account_by_print")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.account_type} ••{self.last_four}"


class BankAccountVersion(models.Model):
    """What an account was from a moment on, and why it changed. Append-only."""

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    routing = models.CharField(max_length=9)
    account_type = models.CharField(max_length=10, choices=AccountType)
    last_four = models.CharField(max_length=4, blank=True)
    token = models.UUIDField()
    holder_name = models.CharField(max_length=80)
    individual_id = models.CharField(max_length=15, blank=True)
    reason = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    txid = TxidField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "version"], name="account_version_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} v{self.version}"


class MandateText(models.Model):
    """The wording a payer agrees to, by version. Append-only."""

    version = models.CharField(max_length=20, unique=True)
    language = models.CharField(max_length=5, default="en")
    body = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    txid = TxidField()

    def __str__(self) -> str:
        return self.version


class MandateQuerySet(VisibleQuerySet["Mandate"]):
    property_path = "lease__unit__property"
    tenant_path = "tenant__user"


class Mandate(models.Model):
    """A payer's authorisation to debit one account, with the evidence Nacha and Reg E ask for."""

    MOVES: ClassVar = MANDATE_MOVES

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="mandates")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="mandates")
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="mandates")
    status = models.CharField(
        max_length=24, choices=MandateStatus, default=MandateStatus.PENDING_VERIFICATION
    )
    channel = models.CharField(max_length=10, choices=Channel)
    sec_code = models.CharField(max_length=3)
    text = models.ForeignKey(MandateText, on_delete=models.PROTECT, related_name="+")
    recurring = models.BooleanField(default=True)
    min_cents = models.BigIntegerField(default=1)
    max_cents = models.BigIntegerField()
    roll = models.CharField(max_length=10, choices=Roll, default=Roll.FORWARD)
    signed_name = models.CharField(max_length=80)
    signed_at = models.DateTimeField()
    signed_ip = models.GenericIPAddressField(null=True, blank=True)
    signed_user_agent = models.CharField(max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(min_cents__gt=0, max_cents__gte=F("min_cents")),
                name="mandate_range_is_a_range",
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.INTERNET)
                | Q(signed_ip__isnull=False) & ~Q(signed_user_agent=""),
                name="internet_mandate_names_its_device",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.PAPER, sec_code="PPD")
                | Q(channel=Channel.INTERNET, sec_code="WEB")
                | Q(channel=Channel.TELEPHONE, sec_code="TEL")
                | Q(channel=Channel.CORPORATE, sec_code="CCD"),
                name="sec_follows_the_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.sec_code} of lease {self.lease_id}"


class AutopayQuerySet(VisibleQuerySet["Autopay"]):
    property_path = "lease__unit__property"
    tenant_path = "tenant__user"


class Autopay(models.Model):
    """The plan on a mandate. `cents` is the cap or the fixed amount, `basis_points` the part of the
    balance; null in the modes without.

    `day_of_month` 29 to 31 means the month's last day where it has fewer, without drift.
    """

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="autopays")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="autopays")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="autopays")
    mode = models.CharField(max_length=16, choices=AutopayMode)
    cents = models.BigIntegerField(null=True, blank=True)
    basis_points = models.PositiveSmallIntegerField(null=True, blank=True)
    over_cap = models.CharField(max_length=8, choices=OverCap, default=OverCap.PAY_CAP)
    allow_prepay = models.BooleanField(default=False)
    day_of_month = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = AutopayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(mode__in=IN_CENTS) & Q(cents__isnull=True)
                | Q(mode__in=IN_CENTS, cents__isnull=False, cents__gt=0),
                name="autopay_amount_fits_its_mode",
            ),
            models.CheckConstraint(
                condition=~Q(mode=AutopayMode.PERCENT) & Q(basis_points__isnull=True)
                | Q(
                    mode=AutopayMode.PERCENT,
                    basis_points__isnull=False,
                    basis_points__gte=1,
                    basis_points__lte=WHOLE,
                ),
                name="autopay_part_fits_its_mode",
            ),
            models.CheckConstraint(
                condition=Q(day_of_month__gte=1, day_of_month__lte=31), name="autopay_day_exists"
            ),
            models.UniqueConstraint(
                fields=["lease", "tenant"],
                condition=Q(ends_on__isnull=True),
                name="one_open_autopay_per_payer",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.mode} of lease {self.lease_id}"


class AutopayPause(models.Model):
    """Debit days on which the plan does not run, both included; or runs again after all.

    Of the rows that cover a day the newest holds. Append-only.
    """

    autopay = models.ForeignKey(Autopay, on_delete=models.PROTECT, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField()
    resumes = models.BooleanField(default=False)
    reason = models.CharField(max_length=120, blank=True)
    txid = TxidField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="pause_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"


class NoticeQuerySet(VisibleQuerySet["Notice"]):
    property_path = "mandate__lease__unit__property"
    tenant_path = "mandate__tenant__user"


class Notice(models.Model):
    """The amount and the date of debits a payer must be told ahead: asked for here, once, and sent by
    the package that writes to people.

    `cents` is all that is debited that day for one order. `lawful_on` is the first day the debit may
    be, ten calendar days after the notice was sent: in time when it is not after `debit_on`.
    """

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind, default=NoticeKind.VARYING_AMOUNT)
    cents = models.BigIntegerField()
    debit_on = models.DateField()
    wanted_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    lawful_on = models.DateField(null=True, blank=True)
    template_version = models.CharField(max_length=40, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mandate", "debit_on", "kind", "cents"], name="notice_is_asked_for_once"
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="notice_tells_an_amount"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, lawful_on__isnull=True, template_version="")
                | Q(sent_at__isnull=False, lawful_on__isnull=False) & ~Q(template_version=""),
                name="sent_notice_says_when_and_what",
            ),
        ]
        indexes = [
            models.Index(
                fields=["debit_on"], condition=Q(sent_at__isnull=True), name="notice_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of {self.debit_on}"
