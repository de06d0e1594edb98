from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Clock(models.Model):
    """One row: the frozen moment, or null for wall time. Never moves back, only in the sandbox.

    With `running_since`, an instant of wall time, it has been running on from that moment since.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    frozen_at = models.DateTimeField(null=True, blank=True)
    running_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "clock"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="one_clock"),
            models.CheckConstraint(
                condition=Q(running_since=None) | Q(frozen_at__isnull=False),
                name="clock_runs_on_from_a_moment",
            ),
        ]

    def __str__(self) -> str:
        if not self.frozen_at:
            return "wall time"
        how = "running since" if self.running_since else "frozen at"
        return f"{how} {self.frozen_at:%Y-%m-%d %H:%M} UTC"


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
