from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from housing_ach.audit.fields import TxidField
from housing_ach.bank.models import BankProfile, Company, Window
from housing_ach.batches.states import (
    BATCH_MOVES,
    ENTRY_MOVES,
    FILE_MOVES,
    LIVE_ENTRY,
    BatchStatus,
    EntryStatus,
    EvidenceKind,
    FileKind,
    FileStatus,
)
from housing_ach.ledger.models import Fund
from housing_ach.mandates.models import BankAccountVersion
from housing_ach.payments.models import Payment
from housing_ach.payments.states import Direction
from housing_ach.tenants.models import VisibleQuerySet, sees_everything
from housing_ach.users.models import User

OUT = "OUT"
IN = "IN"


class BankFile(models.Model):
    """One file sent to or received from the bank; its exact bytes are sealed in the vault.

    `attempt` fences uploads: every step is conditional on it. The duplicate key of the network
    (origin, creation date and time, modifier) is unique among files sent.
    """

    MOVES: ClassVar = FILE_MOVES

    profile = models.ForeignKey(BankProfile, on_delete=models.PROTECT, related_name="files")
    direction = models.CharField(max_length=3, choices=[(OUT, "sent"), (IN, "received")])
    kind = models.CharField(max_length=16, choices=FileKind)
    status = models.CharField(max_length=12, choices=FileStatus)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sealed = models.UUIDField()
    masked = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    window = models.ForeignKey(
        Window, null=True, blank=True, on_delete=models.PROTECT, related_name="files"
    )
    processing_on = models.DateField(null=True, blank=True)
    cut_off_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=10, blank=True)
    creation_on = models.DateField(null=True, blank=True)
    creation_time = models.CharField(max_length=4, blank=True)
    modifier = models.CharField(max_length=1, blank=True)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "direction", "sha256"], name="bytes_are_taken_once"
            ),
            models.UniqueConstraint(
                fields=["profile", "name"], condition=Q(direction=OUT), name="sent_name_is_unique"
            ),
            models.UniqueConstraint(
                fields=["origin", "creation_on", "creation_time", "modifier"],
                condition=Q(direction=OUT),
                name="duplicate_key_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(direction=IN)
                | Q(
                    window__isnull=False,
                    cut_off_at__isnull=False,
                    processing_on__isnull=False,
                    creation_on__isnull=False,
                ),
                name="sent_file_names_its_window",
            ),
        ]
        indexes = [
            models.Index(fields=["direction", "status"], name="file_by_status"),
            models.Index(fields=["-made_at", "-id"], name="file_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class Arrival(models.Model):
    """A name seen in the bank's folder and the file it held: fetched once. Append-only.

    `mtime` is the server's, in Unix seconds: a name written anew is another arrival.
    """

    profile = models.ForeignKey(BankProfile, on_delete=models.PROTECT, related_name="arrivals")
    name = models.CharField(max_length=120)
    size = models.BigIntegerField()
    mtime = models.BigIntegerField()
    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="arrivals")
    seen_at = models.DateTimeField()
    txid = TxidField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "name", "size", "mtime"], name="arrival_is_fetched_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User) -> Self:
        """Whole batches alone: one that mixes in another property would tell its totals."""
        if sees_everything(user):
            return self
        entries = Entry.objects.filter(batch=OuterRef("pk"))
        seen = Entry.objects.visible_to(user)
        others = entries.exclude(pk__in=seen.values("pk"))
        return self.filter(Exists(entries), ~Exists(others))


class Batch(models.Model):
    """Entries of one company, SEC code, direction, description, effective date and window.

    `content_sha` binds the approval to the sorted (entry, payment, cents, account version) and the
    batch's own terms; it never changes, entries may only be ejected. `entry_count` and `cents` are
    those of the entries kept. `requested_on`, the day the payers agreed to, is what they are shown
    (the company descriptive date); a retry repeats it.
    """

    MOVES: ClassVar = BATCH_MOVES

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="batches")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="batches")
    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="batches")
    file = models.ForeignKey(
        BankFile, null=True, blank=True, on_delete=models.PROTECT, related_name="batches"
    )
    number = models.PositiveIntegerField(null=True, blank=True)
    sec_code = models.CharField(max_length=3)
    direction = models.CharField(max_length=6, choices=Direction)
    description = models.CharField(max_length=10)
    requested_on = models.DateField()
    processing_on = models.DateField()
    effective_on = models.DateField()
    status = models.CharField(max_length=10, choices=BatchStatus, default=BatchStatus.DRAFT)
    entry_count = models.PositiveIntegerField(default=0)
    cents = models.BigIntegerField(default=0)
    content_sha = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="made_batches")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="approved_batches"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_sha = models.CharField(max_length=64, blank=True)
    settled_on = models.DateField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="batch_maker_is_not_its_checker"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[BatchStatus.DRAFT, BatchStatus.CANCELLED])
                | Q(approved_by__isnull=False, approved_sha=F("content_sha")),
                name="batch_is_approved_as_it_is",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[BatchStatus.DRAFT, BatchStatus.APPROVED, BatchStatus.CANCELLED]
                )
                | Q(file__isnull=False, number__isnull=False),
                name="frozen_batch_is_in_a_file",
            ),
            models.UniqueConstraint(fields=["file", "number"], name="batch_number_is_unique"),
        ]
        indexes = [
            models.Index(fields=["status", "processing_on"], name="batch_by_day"),
            # What is summed up by day is read from the index alone.
            models.Index(
                fields=["direction", "settled_on"],
                include=["status", "cents"],
                name="batch_by_settlement",
            ),
            models.Index(
                fields=["direction", "effective_on"],
                include=["status", "cents", "entry_count"],
                name="batch_by_effect",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.description} {self.sec_code} {self.effective_on}"


class EntryQuerySet(VisibleQuerySet["Entry"]):
    property_path = "payment__lease__unit__property"


class Entry(models.Model):
    """ONE attempt to move a payment: a line of a file, with a trace number nobody else has.

    `trace_serial` comes from a database sequence; its last seven digits are the trace's tail, so
    traces repeat only after ten million entries. `settled_on` and `returned_on` are facts and may
    arrive in either order.
    """

    MOVES: ClassVar = ENTRY_MOVES

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="entries")
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    account_version = models.ForeignKey(
        BankAccountVersion, on_delete=models.PROTECT, related_name="entries"
    )
    attempt = models.PositiveSmallIntegerField()
    is_retry = models.BooleanField(default=False)
    cents = models.BigIntegerField()
    transaction_code = models.CharField(max_length=2)
    individual_id = models.CharField(max_length=15)
    name = models.CharField(max_length=22)
    status = models.CharField(max_length=10, choices=EntryStatus, default=EntryStatus.PLANNED)
    reason = models.CharField(max_length=300, blank=True)
    trace = models.CharField(max_length=15, blank=True)
    trace_serial = models.BigIntegerField(null=True, blank=True, unique=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    settled_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(status__in=list(LIVE_ENTRY)),
                name="one_live_entry_per_payment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[EntryStatus.PLANNED, EntryStatus.EJECTED])
                | Q(trace_serial__isnull=False, line__isnull=False) & ~Q(trace=""),
                name="frozen_entry_has_trace_and_line",
            ),
        ]
        indexes = [
            models.Index(fields=["trace"], name="entry_by_trace"),
            models.Index(fields=["batch", "status"], name="entry_by_batch"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.trace or 'no trace yet'}"


class Evidence(models.Model):
    """Why we believe money moved: a line of a file the bank sent. Append-only."""

    kind = models.CharField(max_length=16, choices=EvidenceKind)
    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="evidence")
    line = models.PositiveIntegerField(default=0)
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    entry = models.ForeignKey(
        Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    profile = models.ForeignKey(BankProfile, on_delete=models.PROTECT, related_name="+")
    banking_on = models.DateField()
    cents = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    txid = TxidField()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "batch"],
                condition=Q(kind=EvidenceKind.SETTLED),
                name="batch_settles_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "entry"],
                condition=Q(kind=EvidenceKind.RETURN_CHARGED),
                name="return_is_charged_once",
            ),
        ]
        indexes = [models.Index(fields=["profile", "kind", "banking_on"], name="evidence_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.banking_on}"
