"""Reads what happened, each event once, in the order in which it can no longer change."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from housing_ach.audit.models import Event
from housing_ach.audit.move import record
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.webhooks.catalogue import NAMES, PING, PINGED, public_name
from housing_ach.webhooks.models import Delivery, Endpoint, Reader
from housing_ach.webhooks.services.bodies import bodies_of, webhook_id
from housing_ach.webhooks.services.callbacks import callbacks
from housing_ach.webhooks.states import EndpointStatus

LOG = logging.getLogger(__name__)
EVENTS = "events"
AT_ONCE = 500


def plan_from_events(*, at: datetime) -> None:
    """Queue what the events since the last time tell. Beside another one it waits, and finds the rest."""
    while _read(at):
        pass


@transaction.atomic
def ping(endpoint: Endpoint, *, at: datetime) -> Delivery:
    """A message that says nothing, to see whether it arrives."""
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    record(PINGED, locked)
    event = Event.objects.about(locked).filter(kind=PINGED).latest("pk")
    return _queue([locked], [(event, PING)], at)[0]


@transaction.atomic
def _read(at: datetime) -> bool:
    """Whether there may be more. What is queued and how far was read are one commit."""
    reader = Reader.objects.select_for_update().get(name=EVENTS)
    after = Q(txid__gt=reader.txid) | Q(txid=reader.txid, pk__gt=reader.event_id)
    rows = Event.objects.final().filter(after, subject__in=list(NAMES), txid__gte=reader.txid)
    events = list(rows.order_by("txid", "pk")[:AT_ONCE])
    if not events:
        return False
    named = [(event, name) for event in events if (name := public_name(event))]
    endpoints = Endpoint.objects.exclude(status=EndpointStatus.DISABLED)
    _tell(list(endpoints.order_by("pk")), named, at)
    reader.txid, reader.event_id = events[-1].txid, events[-1].pk
    reader.save(update_fields=["txid", "event_id"])
    return len(events) == AT_ONCE


def _tell(endpoints: Sequence[Endpoint], named: Sequence[tuple[Event, str]], at: datetime) -> None:
    """One event nobody can make sense of keeps no other from being told."""
    try:
        with transaction.atomic():
            _queue(endpoints, named, at)
    except Exception:
        if len(named) > 1:
            for one in named:
                _tell(endpoints, [one], at)
            return
        event, name = named[0]
        LOG.exception("event %s could not be told", event.pk)
        open_case(
            CaseKind.WEBHOOK_NOT_TAKEN,
            event.subject,
            event.subject_id,
            f"No program could be told of {name}",
            at=at,
            suggested_fix="The reason is in the log of the worker.",
            facts={"event": event.pk},
        )


def _queue(
    endpoints: Sequence[Endpoint], named: Sequence[tuple[Event, str]], at: datetime
) -> list[Delivery]:
    if not endpoints or not named:
        return []
    bodies = bodies_of(named)
    queued = [
        Delivery(
            endpoint=endpoint,
            event=event,
            webhook_id=webhook_id(event),
            kind=name,
            body=bodies[event.pk],
            made_at=at,
            next_at=at,
        )
        for event, name in named
        for endpoint in endpoints
        if name == PING or (endpoint.wants(name) and not endpoint.is_callback)
    ]
    return Delivery.objects.bulk_create([*queued, *callbacks(endpoints, named, at=at)])
