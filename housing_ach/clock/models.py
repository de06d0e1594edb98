from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Clock(models.Model):
    """One row: the frozen moment, or null for wall time. Never moves back, only in the sandbox."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "clock"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="one_clock")]

    def __str__(self) -> str:
        return f"frozen at {self.frozen_at:%Y-%m-%d %H:%M} UTC" if self.frozen_at else "wall time"


class Run(models.Model):
    """One due run of a job: whoever inserts it does it, nobody does it again."""

    job = models.CharField(max_length=60)
    on = models.DateField()
    window = models.CharField(max_length=30, default="")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "on", "window"], name="run_is_claimed_once")
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.job, str(self.on), self.window]))
