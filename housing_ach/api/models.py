from typing import ClassVar

from django.db import models
from django.db.models import Q

from housing_ach.api.states import DROP_MOVES, MOVES, DropStatus, KeyStatus
from housing_ach.audit.fields import TxidField
from housing_ach.payments.models import Submission
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


class DroppedFile(models.Model):
    """A file a client brought, once for its bytes; `sealed` opens them in the worker alone.

    `ack` names what became of each row; it is empty while the file waits. `submission` is what its
    new orders belong to, if there are any.
    """

    MOVES: ClassVar = DROP_MOVES

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="dropped_files")
    name = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sealed = models.UUIDField()
    partial = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=DropStatus, default=DropStatus.RECEIVED)
    submission = models.OneToOneField(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="dropped_file"
    )
    ack = models.TextField(blank=True, default="")
    received_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "sha256"], name="dropped_bytes_are_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(status=DropStatus.RECEIVED, ack="", answered_at__isnull=True)
                | ~Q(status=DropStatus.RECEIVED) & ~Q(ack="") & Q(answered_at__isnull=False),
                name="dropped_file_is_answered_or_waits",
            ),
            models.CheckConstraint(
                condition=Q(submission=None) | Q(status=DropStatus.APPLIED),
                name="only_an_applied_file_asked_for_money",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=Q(status=DropStatus.RECEIVED),
                name="dropped_file_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Drop(models.Model):
    """A name under which a client brought bytes: the newest of a name says whose ack it has. Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="drops")
    name = models.CharField(max_length=100)
    file = models.ForeignKey(DroppedFile, on_delete=models.PROTECT, related_name="drops")
    at = models.DateTimeField()
    txid = TxidField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["client", "name", "-id"], name="drop_by_name")]

    def __str__(self) -> str:
        return self.name
