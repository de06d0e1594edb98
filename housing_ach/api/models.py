from typing import ClassVar

from django.db import models
from django.db.models import Q

from housing_ach.api.states import MOVES, KeyStatus
from housing_ach.users.models import Client


class SigningKey(models.Model):
    """Signs access tokens (ES256). `token` opens the private half in the vault's service ring.

    `retiring_at` is when it stopped signing; what it signed before is good for a while.
    """

    MOVES: ClassVar = MOVES

    kid = models.CharField(max_length=64, unique=True)
    public = models.JSONField()
    token = models.UUIDField(unique=True)
    status = models.CharField(max_length=10, choices=KeyStatus, default=KeyStatus.NEXT)
    made_at = models.DateTimeField()
    retiring_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status__in=[KeyStatus.NEXT, KeyStatus.ACTIVE]),
                name="one_key_signs_and_one_is_next",
            ),
            models.CheckConstraint(
                condition=~Q(status=KeyStatus.RETIRING) | Q(retiring_at__isnull=False),
                name="retiring_key_says_since_when",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class UsedAssertion(models.Model):
    """A proof of a client that was taken: it is taken once (RFC 7523 3, `jti`)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="used_assertions")
    jti = models.CharField(max_length=128)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "jti"], name="assertion_is_used_once")
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="assertion_by_expiry")]

    def __str__(self) -> str:
        return f"{self.client_id}:{self.jti}"


class IdempotencyKey(models.Model):
    """What a request under this key came to: key, effect and answer are one commit.

    `fingerprint` is a keyed hash of method, path and body: another request under the same key is
    refused. Kept longer than a return can take.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="idempotency_keys")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    location = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "key"], name="idempotency_key_is_used_once")
        ]
        indexes: ClassVar = [models.Index(fields=["made_at"], name="idempotency_key_by_age")]

    def __str__(self) -> str:
        return f"{self.client_id}:{self.key}"
