from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from housing_ach.audit.fields import TxidField
from housing_ach.reports.states import MOVES, DocumentKind, DocumentStatus
from housing_ach.tenants.models import Lease, Tenant, VisibleQuerySet
from housing_ach.users.models import User


class DocumentQuerySet(VisibleQuerySet["Document"]):
    """What names no lease (batches, day ends) is for those who work for the whole organisation."""

    property_path = "lease__unit__property"
    tenant_path = "tenant__user"

    def waiting(self) -> "DocumentQuerySet":
        return self.filter(status__in=[DocumentStatus.QUEUED, DocumentStatus.RUNNING])


class Document(models.Model):
    """A paper that was asked for. It is set from `facts` alone, as they were then.

    `facts_sha` makes the next one who asks for the same get this one, as long as the facts are the
    same. `sha256` is that of the bytes in `Content`. `progress` is in percent.
    """

    MOVES: ClassVar = MOVES

    kind = models.CharField(max_length=10, choices=DocumentKind)
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    lease = models.ForeignKey(
        Lease, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    tenant = models.ForeignKey(
        Tenant, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    name = models.CharField(max_length=120, help_text="Of the file.")
    language = models.CharField(max_length=5, default="en")
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    facts_sha = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=DocumentStatus, default=DocumentStatus.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="documents")
    made_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "subject_id", "language", "facts_sha"],
                condition=~Q(status=DocumentStatus.FAILED),
                name="document_is_made_once",
            ),
            models.CheckConstraint(
                condition=Q(status=DocumentStatus.DONE, progress=100, pages__gt=0, size__gt=0)
                & ~Q(sha256="")
                | ~Q(status=DocumentStatus.DONE) & Q(sha256="", pages=0, size=0),
                name="done_document_has_its_bytes",
            ),
            models.CheckConstraint(
                condition=~Q(status=DocumentStatus.FAILED) | ~Q(message=""),
                name="failed_document_says_why",
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="document_progress_is_percent"
            ),
        ]
        indexes = [
            models.Index(fields=["-made_at"], name="document_by_age"),
            models.Index(
                fields=["id"],
                condition=Q(status__in=[DocumentStatus.QUEUED, DocumentStatus.RUNNING]),
                name="document_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Content(models.Model):
    """The bytes of a document, once and for all. Append-only."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="content")
    data = models.BinaryField()
    txid = TxidField()

    def __str__(self) -> str:
        return f"content of document {self.document_id}"
