from typing import ClassVar

from django.db import models
from django.db.models import Q

from housing_ach.cases.states import MOVES, CaseKind, CaseStatus
from housing_ach.users.models import User


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> "CaseQuerySet":
        return self.filter(status=CaseStatus.OPEN)


class Case(models.Model):
    """Something a person must look at. Its subject is (kind of thing, id) as text."""

    MOVES: ClassVar = MOVES

    kind = models.CharField(max_length=30, choices=CaseKind)
    status = models.CharField(max_length=10, choices=CaseStatus, default=CaseStatus.OPEN)
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    summary = models.CharField(max_length=300)
    suggested_fix = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    cents = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_cases"
    )
    resolution = models.CharField(max_length=300, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "subject_id"],
                condition=Q(status=CaseStatus.OPEN),
                name="one_open_case_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.OPEN)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(resolution=""),
                name="resolved_case_says_how",
            ),
        ]
        indexes = [
            # What is open is counted and summed up from the index alone.
            models.Index(
                fields=["status", "opened_at"], include=["kind", "cents"], name="case_by_age"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.subject}:{self.subject_id}"
