from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from housing_ach.audit.fields import TxidField
from housing_ach.audit.models import Event
from housing_ach.payments.models import Submission
from housing_ach.users.models import Client
from housing_ach.vault.lines import OwnLine
from housing_ach.webhooks.states import MOVES, DeliveryStatus, EndpointStatus

# Where the address of a callback names its batch.
BATCH, NO_BATCH = "{batchId}", "0"


class Endpoint(OwnLine):
    """An address of a client that is told what happens. No `kinds`: everything.

    `is_callback`: it is told what became of the client's own batches alone, at an address that names
    the batch, as ".../ach/status/{batchId}". `failures` are tries in a row without one that was taken.
    """

    MOVES: ClassVar = MOVES

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="endpoints")
    url = models.URLField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    description = models.CharField(max_length=200, blank=True)
    is_callback = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=EndpointStatus, default=EndpointStatus.ACTIVE)
    failures = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                name="endpoint_is_a_web_address",
            ),
            models.CheckConstraint(
                condition=Q(is_callback=False) | Q(url__contains=BATCH),
                name="callback_names_its_batch",
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(is_callback=True),
                name="client_has_one_callback",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.url}"

    def wants(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


class SecretQuerySet(models.QuerySet["Secret"]):
    def living(self, at: object) -> "SecretQuerySet":
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at))


class Secret(models.Model):
    """What messages to an endpoint are signed with: sealed in the vault, named here."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="secrets")
    token = models.UUIDField(unique=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(ends_at=None),
                name="endpoint_has_one_newest_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"secret #{self.pk} of endpoint {self.endpoint_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> "DeliveryQuerySet":
        return self.filter(status=DeliveryStatus.PENDING)


class Delivery(models.Model):
    """One event for one endpoint. `body` is written once: what is signed is what is sent.

    `tries` are counted before they are made, and `next_at` is not before the one that runs now has
    had its time.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    webhook_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    body = models.TextField(help_text="Minified JSON.")
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="event_is_told_once"),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.DELIVERED, delivered_at__isnull=False)
                | ~Q(status=DeliveryStatus.DELIVERED) & Q(delivered_at__isnull=True),
                name="delivered_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(status=DeliveryStatus.PENDING),
                name="delivery_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.kind}"

    @property
    def address(self) -> str:
        """Of a callback: with the batch it is about; a ping is about none."""
        if not self.endpoint.is_callback:
            return self.endpoint.url
        return self.endpoint.url.replace(BATCH, str(self.submission_id or NO_BATCH))


class Attempt(models.Model):
    """A try and what came back, the first of it. Append-only. No `answered`: nothing came.

    `sent` and `got` are headers; of a signature only its version is kept.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    answered = models.PositiveSmallIntegerField(null=True, help_text="Status of the response.")
    took_ms = models.PositiveIntegerField()
    problem = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)
    sent = models.JSONField(default=dict)
    got = models.JSONField(default=dict)
    txid = TxidField()

    def __str__(self) -> str:
        return f"#{self.pk} {self.answered or self.problem}"


class Reader(models.Model):
    """How far events have been read: those up to (txid, event_id) have their deliveries."""

    name = models.CharField(max_length=20, unique=True)
    txid = models.BigIntegerField()
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
