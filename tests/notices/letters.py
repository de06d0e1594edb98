"""What the tests of this folder do: plan, send, and read what came of it."""

from datetime import UTC, date, datetime

from django.core import mail

from housing_ach.notices import services
from housing_ach.notices.models import Message
from housing_ach.notices.states import Kind
from tests.factories import AT, AutopayFactory, LeaseFactory, MandateFactory, TenantFactory
from tests.final import wait_until_final
from tests.payments.story import owe

APRIL = date(2026, 4, 1)
WEEK = date(2026, 3, 25)


def renting(**fields):
    """A mandate, of a tenant whom a mail reaches unless another one is named."""
    email = fields.pop("email", "ada@example.org")
    home = {"unit": fields.pop("unit")} if "unit" in fields else {}
    if "lease" not in fields:
        tenant = TenantFactory(name="Ada Lovelace", email=email)
        fields |= {"lease": LeaseFactory(share__tenant=tenant, **home), "tenant": tenant}
    return MandateFactory(**fields)


def plan_events(at=AT, *, last=None):
    """Tell all that is committed, once it is final."""
    wait_until_final(last)
    services.plan_from_events(at=at)


def forget():
    """Everything that happened so far is told."""
    plan_events()
    services.send_waiting(at=AT)
    mail.outbox.clear()


def told(kind=None, at=AT, *, last=None):
    """Plans, and returns the messages of a kind, the oldest first."""
    plan_events(at, last=last)
    found = Message.objects.order_by("pk")
    return list(found.filter(kind=kind) if kind else found)


def noon(on):
    return datetime(on.year, on.month, on.day, 16, tzinfo=UTC)


def plan(owed=1000_00, **fields):
    """Autopay of the full balance, which falls due on the first of April."""
    autopay = AutopayFactory(mandate=renting(**fields))
    owe(autopay.lease, owed, APRIL)
    return autopay


def upcoming(on):
    services.plan_upcoming(on=on, at=noon(on))
    return list(Message.objects.filter(kind=Kind.UPCOMING_DEBIT).order_by("pk"))
