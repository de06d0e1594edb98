"""What happened: events, what the bank sent back, the files both ways."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.shown import watching as shown
from housing_ach.api.views.base import ApiView, ObjectView
from housing_ach.batches.models import IN, OUT
from housing_ach.batches.states import FileKind, FileStatus
from housing_ach.payments.states import Direction
from housing_ach.returns.states import CorrectionStatus, ReturnKind
from housing_ach.users.states import Scope
from housing_ach.webhooks.catalogue import KINDS
from housing_ach.webhooks.services.reading import Place, event_told, events_after

EVENTS = "events"
OF_ORDER = {
    "external_id": "entry__payment__order__external_id",
    "tenant": "entry__payment__order__tenant__external_id",
    "lease": "entry__payment__order__lease__external_id",
}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAYS = {"from": "banking_on__gte", "to": "banking_on__lte"}


class EventsView(ApiView):
    """In the order in which they became final: who goes on after the last one, misses none.

    A page may be short, or empty, and say that there is more.
    """

    scopes: ClassVar = {"GET": Scope.READ}
    parameters = frozenset({"limit", "after", "type"})

    def get(self, request: Request) -> Response:
        name = request.query_params.get("type", "")
        if "type" in request.query_params and name not in KINDS:
            raise ValidationError({"type": ["There is no such event."]})
        after = request.query_params.get("after", "")
        page = events_after(_place(after), name=name, most=cursors.limit_of(request))
        return Response(
            {
                "object": "list",
                "data": page.told,
                "has_more": page.has_more,
                "next_cursor": signing.dumps([EVENTS, *page.end], compress=False),
            }
        )


class EventView(ApiView):
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request, pk: int) -> Response:
        if (told := event_told(pk)) is None:
            raise Http404
        return Response(told)


class Watched(NamedTuple):
    """How rows are found and told, and what they are asked for by.

    `exact` are texts, `days` the days of a span, `choices` columns with one of some values.
    """

    rows: Callable[[], QuerySet[Any]]
    told: Callable[[Any], list[dict[str, Any]]]
    exact: Mapping[str, str]
    choices: Mapping[str, Iterable[str]]
    days: Mapping[str, str]

    @property
    def filters(self) -> frozenset[str]:
        return frozenset({*self.exact, *self.choices, *self.days})

    def asked_for(self, given: Mapping[str, str]) -> QuerySet[Any]:
        rows = self.rows()
        for name, value in given.items():
            rows = rows.filter(**self._wanted(name, value))
        return rows

    def _wanted(self, name: str, value: str) -> dict[str, Any]:
        if name in self.exact:
            return {self.exact[name]: value}
        if name in self.days:
            return {self.days[name]: _day(name, value)}
        known = {each.lower(): each for each in self.choices[name]}
        if value not in known:
            raise ValidationError({name: [f"One of {', '.join(sorted(known))}."]})
        return {name: known[value]}


RETURNS = Watched(
    shown.returns,
    shown.returns_of,
    exact=OF_ORDER | {"code": "code"},
    choices={"kind": ReturnKind.values, "direction": Direction.values},
    days=DAYS,
)
CORRECTIONS = Watched(
    shown.corrections,
    shown.corrections_of,
    exact=OF_ORDER | {"code": "code"},
    choices={"status": CorrectionStatus.values},
    days=DAYS,
)
FILES = Watched(
    shown.files,
    shown.files_of,
    exact={"name": "name", "sha256": "sha256"},
    choices={"direction": (IN, OUT), "kind": FileKind.values, "status": FileStatus.values},
    days={},
)


class WatchedView(ApiView):
    """A list, in the order its rows came."""

    scopes: ClassVar = {"GET": Scope.READ}
    watched: Watched

    def get(self, request: Request) -> Response:
        asked = request.query_params
        given = {name: asked[name] for name in sorted(self.watched.filters & set(asked))}
        rows, place = self.watched.asked_for(given), f"{type(self).__name__}:{given}"
        return Response(cursors.page_of(request, rows, self.watched.told, place=place))


class OneView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ}
    watched: Watched

    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(self.watched.rows(), pk=pk)
        return self.told(request, self.watched.told([row])[0])


class ReturnsView(WatchedView):
    watched = RETURNS
    parameters = cursors.PARAMETERS | RETURNS.filters


class ReturnView(OneView):
    watched = RETURNS


class CorrectionsView(WatchedView):
    watched = CORRECTIONS
    parameters = cursors.PARAMETERS | CORRECTIONS.filters


class CorrectionView(OneView):
    watched = CORRECTIONS


class FilesView(WatchedView):
    watched = FILES
    parameters = cursors.PARAMETERS | FILES.filters


class FileView(OneView):
    watched = FILES


def _day(name: str, given: str) -> date:
    if DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise ValidationError({name: ["A day, as 2026-03-02."]})


def _place(given: str) -> Place:
    """After which event; none: from the first one on."""
    if not given:
        return Place()
    try:
        of, *place = signing.loads(given)
    except (signing.BadSignature, ValueError, TypeError):
        of, place = "", []
    if of != EVENTS:
        raise ValidationError({"after": ["Not a cursor of the events."]})
    return Place(*place)
