from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from housing_ach.erp.states import MOVES, Dialect, PostingStatus
from housing_ach.ledger.models import Fund
from housing_ach.vault.lines import OwnLine


class Target(OwnLine):
    """A customer's database. `secret` is the vault's token of its connection string."""

    name = models.CharField(max_length=40, unique=True)
    dialect = models.CharField(max_length=10, choices=Dialect)
    secret = models.UUIDField()
    schema = models.CharField(max_length=60, blank=True)
    is_active = models.BooleanField(default=True)
    starts_on = models.DateField(help_text="Days before it are never posted.")

    def __str__(self) -> str:
        return self.name


class AccountMap(models.Model):
    """What the ERP calls one number of our chart in one fund."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="accounts")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=4)
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "fund", "number"], name="erp_number_has_one_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} is {self.code}"


class Posting(models.Model):
    """What the journals of one fund and day come to that were made in [after_txid, until_txid).

    A day's postings are a chain: each begins where another ended (a foreign key of the migration),
    each end and each beginning is there once. So each journal is in one posting at most, and none
    before the last end is left out. The lines are the ledger's, which never change, under `codes`,
    the account map as it was: they are not stored again.
    """

    MOVES: ClassVar = MOVES

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="postings")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    after_txid = models.BigIntegerField(null=True, blank=True)
    until_txid = models.BigIntegerField()
    source_ref = models.CharField(max_length=64)
    codes = models.JSONField(default=dict)
    content_sha256 = models.CharField(max_length=64)
    line_count = models.PositiveIntegerField()
    debit_cents = models.BigIntegerField()
    credit_cents = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=PostingStatus, default=PostingStatus.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "source_ref"], name="erp_ref_is_used_once"),
            models.UniqueConstraint(
                fields=["target", "fund", "day", "until_txid"], name="erp_posting_ends_once"
            ),
            models.UniqueConstraint(
                fields=["target", "fund", "day", "after_txid"],
                name="erp_posting_begins_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(after_txid=None) | Q(after_txid__lt=F("until_txid")),
                name="erp_posting_goes_forward",
            ),
            models.CheckConstraint(
                condition=Q(debit_cents=F("credit_cents"), debit_cents__gt=0, line_count__gte=2),
                name="erp_posting_is_balanced",
            ),
            models.CheckConstraint(
                condition=Q(status=PostingStatus.POSTED, posted_at__isnull=False)
                | ~Q(status=PostingStatus.POSTED) & Q(posted_at__isnull=True),
                name="erp_posted_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(status=PostingStatus.PENDING),
                name="erp_posting_due",
            ),
            models.Index(
                fields=["target"],
                condition=Q(status=PostingStatus.CONFLICT),
                name="erp_posting_conflict",
            ),
            # Where the last planning ended: both are asked for their maximum.
            models.Index(fields=["target", "until_txid"], name="erp_posting_by_txid"),
            models.Index(fields=["target", "day"], name="erp_posting_by_day"),
        ]

    def __str__(self) -> str:
        return self.source_ref
