"""What happened: events, what the bank sent back, the files both ways."""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors, filtering
from housing_ach.api.filtering import Filter, Filters, place_of
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
ORDER = "entry__payment__order"
OF_ENTRY = {
    "code": Filter("code"),
    "external_id": Filter(f"{ORDER}__external_id"),
    "tenant": Filter(f"{ORDER}__tenant__external_id"),
    "lease": Filter(f"{ORDER}__lease__external_id"),
    "property": Filter(f"{ORDER}__lease__unit__property__external_id"),
    "from": Filter("banking_on__gte", filtering.day),
    "to": Filter("banking_on__lte", filtering.day),
}
SPAN = (("from", "to"),)


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
    """How rows are found and told, and what they are asked for by."""

    rows: Callable[[], QuerySet[Any]]
    told: Callable[[Any], list[dict[str, Any]]]
    filters: Filters


RETURNS = Watched(
    shown.returns,
    shown.returns_of,
    Filters(
        {
            **OF_ENTRY,
            "kind": Filter("kind", filtering.lower(ReturnKind.values)),
            "direction": Filter("direction", filtering.lower(Direction.values)),
        },
        spans=SPAN,
    ),
)
CORRECTIONS = Watched(
    shown.corrections,
    shown.corrections_of,
    Filters(
        {**OF_ENTRY, "status": Filter("status", filtering.lower(CorrectionStatus.values))},
        spans=SPAN,
    ),
)
FILES = Watched(
    shown.files,
    shown.files_of,
    Filters(
        {
            "name": Filter("name"),
            "sha256": Filter("sha256"),
            "direction": Filter("direction", filtering.lower((IN, OUT))),
            "kind": Filter("kind", filtering.lower(FileKind.values)),
            "status": Filter("status", filtering.lower(FileStatus.values)),
            "created_from": Filter("made_at__gte", filtering.instant),
            "created_to": Filter("made_at__lte", filtering.instant),
        },
        spans=(("created_from", "created_to"),),
    ),
)


class WatchedView(ApiView):
    """A list, in the order its rows came."""

    scopes: ClassVar = {"GET": Scope.READ}
    watched: Watched

    def get(self, request: Request) -> Response:
        filters, query = self.watched.filters, request.query_params
        rows = self.watched.rows().filter(*filters.asked(query).values())
        place = f"{type(self).__name__}:{place_of(filters.names, query)}"
        return Response(cursors.page_of(request, rows, self.watched.told, place=place))


class OneView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ}
    watched: Watched

    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(self.watched.rows(), pk=pk)
        return self.told(request, self.watched.told([row])[0])


class ReturnsView(WatchedView):
    watched = RETURNS
    parameters = cursors.PARAMETERS | RETURNS.filters.names


class ReturnView(OneView):
    watched = RETURNS


class CorrectionsView(WatchedView):
    watched = CORRECTIONS
    parameters = cursors.PARAMETERS | CORRECTIONS.filters.names


class CorrectionView(OneView):
    watched = CORRECTIONS


class FilesView(WatchedView):
    watched = FILES
    parameters = cursors.PARAMETERS | FILES.filters.names


class FileView(OneView):
    watched = FILES


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
