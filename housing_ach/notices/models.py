from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from housing_ach.audit.models import Event
from housing_ach.notices.states import MOVES, OPTIONAL, Kind, MessageStatus
from housing_ach.tenants.models import Tenant, VisibleQuerySet
from housing_ach.users.models import User


class MessageQuerySet(VisibleQuerySet["Message"]):
    property_path = "tenant__shares__lease__unit__property"
    tenant_path = "tenant__user"

    def waiting(self) -> "MessageQuerySet":
        return self.filter(status=MessageStatus.QUEUED)


class Message(models.Model):
    """What somebody is told, as it was written: committed first, sent then, never changed.

    `occasion` is what it is about, told once to each address. `tries` are counted before they are made,
    and `next_try_at` is not before the one that runs now has had its time. The link of an invitation
    is made when it is sent: `body` and `html` keep a mark in its place.
    """

    MOVES: ClassVar = MOVES

    kind = models.CharField(max_length=20, choices=Kind)
    template_version = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    recipient = models.EmailField()
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="messages")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    event = models.ForeignKey(
        Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    occasion = models.CharField(max_length=120)
    title = models.CharField(max_length=200, help_text="The subject of the mail.")
    body = models.TextField()
    html = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="Of title, body and html.")
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "occasion", "recipient"], name="message_is_told_once"
            ),
            models.CheckConstraint(
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | ~Q(status=MessageStatus.SENT) & Q(sent_at__isnull=True),
                name="sent_message_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=MessageStatus.FAILED) | ~Q(problem=""),
                name="failed_message_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(status=MessageStatus.QUEUED),
                name="message_to_send",
            ),
            models.Index(fields=["-queued_at", "-id"], name="message_by_age"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class Reader(models.Model):
    """How far events have been read: everything before (txid, event_id) has its messages."""

    name = models.CharField(max_length=20, unique=True)
    txid = models.BigIntegerField()
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class PreferenceQuerySet(VisibleQuerySet["Preference"]):
    property_path = "tenant__shares__lease__unit__property"
    tenant_path = "tenant__user"


class Preference(models.Model):
    """What a tenant does not want to be written, and in which language the rest is."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="preference")
    language = models.CharField(max_length=5, default="en")
    muted = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(muted__contained_by=[str(kind.value) for kind in OPTIONAL]),
                name="only_a_service_is_muted",
            ),
        ]

    def __str__(self) -> str:
        return f"preference of tenant {self.tenant_id}"

    def wants(self, kind: Kind) -> bool:
        return kind not in self.muted
