"""What the tests of this folder do: plan, send, and read what came of it."""

from datetime import UTC, datetime

from django.core import mail

from housing_ach.notices import services
from housing_ach.notices.models import Message
from tests.factories import AT, LeaseFactory, MandateFactory, TenantFactory


def renting(**fields):
    """A mandate of a tenant whom a mail reaches."""
    email = fields.pop("email", "ada@example.org")
    tenant = TenantFactory(name="Ada Lovelace", email=email)
    return MandateFactory(lease=LeaseFactory(share__tenant=tenant), tenant=tenant, **fields)


def forget():
    """Everything that happened so far is told."""
    services.plan_from_events(at=AT)
    services.send_waiting(at=AT)
    mail.outbox.clear()


def told(kind=None, at=AT):
    """Plans, and returns the messages of a kind, the oldest first."""
    services.plan_from_events(at=at)
    found = Message.objects.order_by("pk")
    return list(found.filter(kind=kind) if kind else found)


def noon(on):
    return datetime(on.year, on.month, on.day, 16, tzinfo=UTC)
