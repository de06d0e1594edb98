from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from housing_ach.audit.fields import ClockTimestamp, CurrentActor, CurrentRequest, TxidField


class SnapshotXmin(models.Func):
    template = "pg_snapshot_xmin(pg_current_snapshot())"
    arity = 0
    output_field = TxidField()


class EventQuerySet(models.QuerySet["Event"]):
    def final(self) -> "EventQuerySet":
        """Events no earlier one can still join: commits arrive out of the order of ids."""
        return self.filter(txid__lt=SnapshotXmin())

    def about(self, row: models.Model) -> "EventQuerySet":
        return self.filter(subject=row._meta.label_lower, subject_id=str(row.pk))


class Event(models.Model):
    """Something happened to a subject: history and queue at once, append-only."""

    txid = TxidField()
    at = models.DateTimeField(db_default=ClockTimestamp())
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60, default="")
    was = models.CharField(max_length=30, default="")
    became = models.CharField(max_length=30, default="")
    actor = models.CharField(max_length=100, db_default=CurrentActor())
    request_id = models.CharField(max_length=64, db_default=CurrentRequest())
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "subject_id"], name="event_by_subject"),
            models.Index(fields=["kind", "txid"], name="event_by_kind"),
            models.Index(fields=["txid"], name="event_by_txid"),
            # What things of a kind something happened to since an instant: told by the index alone.
            models.Index(
                fields=["subject", "at"], include=["subject_id"], name="event_by_subject_at"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.subject}:{self.subject_id}"


class Digest(models.Model):
    """One statement's rows in a table of history: how many, which, and their SHA-256.

    `columns` are those the table had then, so a column added later leaves old digests true.
    """

    txid = TxidField()
    table_name = models.CharField(max_length=63)
    columns = models.TextField()
    row_count = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    actor = models.CharField(max_length=100, db_default=CurrentActor())
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["txid", "table_name", "last_id"], name="digest_by_txid"),
            models.Index(fields=["table_name", "first_id"], name="digest_by_range"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.table_name} {self.first_id}..{self.last_id}"


class Chain(models.Model):
    """A digest's link: `hash` = SHA-256(prev, digest). Gap-free, in the order of commits."""

    seq = models.BigIntegerField(primary_key=True)
    digest = models.OneToOneField(Digest, null=True, on_delete=models.PROTECT, related_name="link")
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "chain"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(seq=0) | models.Q(digest__isnull=False),
                name="only_the_first_link_is_bare",
            )
        ]

    def __str__(self) -> str:
        return f"link {self.seq}"
