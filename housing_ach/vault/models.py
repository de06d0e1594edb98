from typing import ClassVar

from django.db import models

from housing_ach.audit.fields import ClockTimestamp
from housing_ach.vault.keys import RINGS


class Ring(models.TextChoices):
    MONEY = "money", "Money"
    SERVICE = "service", "Service"


class DataKey(models.Model):
    """A key that seals secrets of one ring, kept wrapped by `kek`, which never is in the database."""

    ring = models.CharField(max_length=10, choices=Ring)
    kek = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ring__in=RINGS), name="data_key_has_a_ring")
        ]

    def __str__(self) -> str:
        return f"data key {self.pk} ({self.kek})"


class Secret(models.Model):
    """What is sealed: nonce and ciphertext, tied to its token, ring and context.

    No column has a database default: Django would ask for it back, and the web may not look.
    """

    token = models.UUIDField(primary_key=True)
    ring = models.CharField(max_length=10, choices=Ring)
    context = models.CharField(max_length=200)
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="secrets")
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ring__in=RINGS), name="secret_has_a_ring")
        ]

    def __str__(self) -> str:
        return f"secret {self.token}"
