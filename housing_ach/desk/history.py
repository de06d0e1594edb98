"""Who did what to a row and when, from the audit trail, in words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.audit.models import Event
from housing_ach.shared.templatetags.ui import LOOKS, Look, status_words
from housing_ach.users.models import User

MOST = 40
PERSON, ROLLOUT = "user:", "property.rollout"
NOTE = Look(later("Note"), "flat", "pencil-square")
OWNER = Look(later("Owner changed"), "flat", "user")
OTHER = Look(later("Changed"), "flat", "ellipsis-horizontal")
TOLD: dict[str, Look] = {
    "case.note": NOTE,
    ROLLOUT: Look(later("New mode"), "info", "adjustments-horizontal"),
    "payment.rescheduled": Look(later("Moved to another day"), "info", "calendar"),
}
# Steps of a payment that share a word on a badge, and are told apart where the way is told.
STEPS = {
    "BATCHED": Look(later("Put in a batch"), "flat", "queue-list"),
    "CLEARED": Look(later("Cleared"), "ok", "check-badge"),
}
REASONS = ("reason", "resolution", "words", "code")


class Happened(NamedTuple):
    """`at` is by the clock on the wall: when it was written down, and by whom."""

    at: datetime
    words: str | Promise
    who: str
    why: str
    tone: str
    icon: str


def history(subjects: Iterable[tuple[str, object]], *, most: int = MOST) -> list[Happened]:
    """The newest first, of all the subjects (a model's label and an id) together."""
    about = [Q(subject=label, subject_id=str(pk)) for label, pk in subjects]
    events = Event.objects.filter(reduce(or_, about), _worth_telling()).order_by("-pk")[:most]
    return _told(list(events))


def _worth_telling() -> Q:
    return ~Q(became="") | Q(kind__in=TOLD) | Q(kind="row.update", data__new__has_key="owner_id")


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """By actor; what no person did the system did."""
    ids = {actor: actor.removeprefix(PERSON) for actor in set(actors)}
    known = User.objects.filter(pk__in=[pk for pk in ids.values() if pk.isdecimal()])
    names = {str(user.pk): user.name for user in known}
    return {actor: names.get(pk, _("The system")) for actor, pk in ids.items()}


def _told(events: Sequence[Event]) -> list[Happened]:
    owners = [pk for event in events if (pk := _owner(event))]
    actors = [event.actor.removeprefix(PERSON) for event in events if PERSON in event.actor]
    known = User.objects.filter(pk__in={*owners, *filter(str.isdecimal, actors)})
    names = {str(user.pk): user.name for user in known}
    return [
        Happened(
            event.at,
            look.words if look is not OTHER else status_words(event.became),
            names.get(event.actor.removeprefix(PERSON), _("The system")),
            _why(event, names),
            look.tone,
            look.icon,
        )
        for event in events
        for look in [_look(event)]
    ]


def _look(event: Event) -> Look:
    if event.kind == "row.update":
        return OWNER
    return TOLD.get(event.kind) or STEPS.get(event.became) or LOOKS.get(event.became) or OTHER


def _owner(event: Event) -> str:
    return str(event.data.get("new", {}).get("owner_id") or "")


def _why(event: Event, names: dict[str, str]) -> str:
    if event.kind == "row.update":
        return names.get(_owner(event), _("Nobody"))
    data: dict[str, Any] = event.data
    if event.kind == ROLLOUT:
        moved = f"{status_words(data['was'])} → {status_words(data['became'])}"
        return f"{moved}: {data['override']}" if data["override"] else moved
    return next((str(data[name]) for name in REASONS if data.get(name)), "")
