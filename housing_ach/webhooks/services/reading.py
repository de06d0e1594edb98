"""What happened, read by programs that ask: the same events, in the same order, as those told."""

from typing import NamedTuple

from django.db.models import Q, QuerySet

from housing_ach.audit.models import Event
from housing_ach.webhooks.catalogue import NAMES, may_be, public_name
from housing_ach.webhooks.services.bodies import Facts, told_of

# Of what happened much is nobody's business outside: so many events are looked at for a page.
LOOKED_AT = 2000


class Place(NamedTuple):
    """Just after an event; nothing that becomes final later comes before it."""

    txid: int = 0
    event_id: int = 0


class Page(NamedTuple):
    told: list[Facts]
    end: Place
    has_more: bool


def events_after(place: Place, *, name: str = "", most: int) -> Page:
    """Up to `most`, of one name where it is given; fewer, or none, do not mean that it is over."""
    after = Q(txid__gt=place.txid) | Q(txid=place.txid, pk__gt=place.event_id)
    rows = _told_about().filter(after, txid__gte=place.txid).order_by("txid", "pk")
    if name:
        rows = rows.filter(may_be(name))
    named: list[tuple[Event, str]] = []
    looked, end = 0, place
    for event in rows[:LOOKED_AT].iterator(chunk_size=LOOKED_AT):
        called = public_name(event)
        if called and (not name or called == name):
            if len(named) == most:
                return Page(list(told_of(named).values()), end, has_more=True)
            named.append((event, called))
        looked, end = looked + 1, Place(event.txid, event.pk)
    return Page(list(told_of(named).values()), end, has_more=looked == LOOKED_AT)


def event_told(event_id: int) -> Facts | None:
    """None also where it is nobody's business, or may still be told after another."""
    event = _told_about().filter(pk=event_id).first()
    if event is None or not (name := public_name(event)):
        return None
    return told_of([(event, name)])[event.pk]


def _told_about() -> QuerySet[Event]:
    return Event.objects.final().filter(subject__in=list(NAMES))
