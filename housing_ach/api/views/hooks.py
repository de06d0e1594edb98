"""Where a program is told what happens: its own endpoints, which no other program sees."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.serializers.hooks import (
    ChangeSerializer,
    EndpointSerializer,
    NothingSerializer,
    RangeSerializer,
)
from housing_ach.api.shown import hooks as shown
from housing_ach.api.views.base import ApiView, MoneyView, ObjectView
from housing_ach.clock.services import now
from housing_ach.users.models import Client
from housing_ach.users.states import Scope
from housing_ach.webhooks import services
from housing_ach.webhooks.models import Attempt, Endpoint
from housing_ach.webhooks.states import EndpointStatus

ATTEMPTS = 100
SECRET = frozenset({"secret"})


class EndpointsView(MoneyView):
    """A new endpoint's secret is told once: the same answer again says null."""

    scopes: ClassVar = {"GET": Scope.READ, "POST": Scope.WRITE}
    parameters = cursors.PARAMETERS
    told_once = SECRET

    def get(self, request: Request) -> Response:
        place = f"webhook-endpoints:{client_of(request).pk}"
        return Response(cursors.page_of(request, own(request), shown.endpoints_of, place=place))

    def post(self, request: Request) -> Response:
        asked = EndpointSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        endpoint, secret = services.add_endpoint(
            client=client_of(request), at=now(), **asked.validated_data
        )
        told = shown.endpoints_of([endpoint])[0] | {"secret": secret}
        place = reverse("api:webhook-endpoint", args=[endpoint.pk])
        return Response(told, status=HTTPStatus.CREATED, headers={"Location": place})


class EndpointView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ, "PATCH": Scope.WRITE, "DELETE": Scope.WRITE}

    def get(self, request: Request, pk: int) -> Response:
        return self.one(request, get_object_or_404(own(request), pk=pk))

    def patch(self, request: Request, pk: int) -> Response:
        endpoint = get_object_or_404(own(request).select_for_update(), pk=pk)
        asked = ChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        self.require_match(request, shown.endpoints_of([endpoint])[0])
        said: dict[str, Any] = dict(asked.validated_data)
        status = said.pop("status", endpoint.status.lower()).upper()
        services.change_endpoint(endpoint, **said)
        if status != endpoint.status:
            is_on = status == EndpointStatus.ACTIVE
            (services.resume_endpoint if is_on else services.pause_endpoint)(endpoint)
        return self.one(request, endpoint)

    def delete(self, request: Request, pk: int) -> Response:
        """It is told nothing any more; what it was told is kept."""
        endpoint = get_object_or_404(own(request).select_for_update(), pk=pk)
        self.require_match(request, shown.endpoints_of([endpoint])[0], needed=False)
        if endpoint.status != EndpointStatus.DISABLED:
            services.disable_endpoint(endpoint)
        return self.one(request, endpoint)

    def one(self, request: Request, endpoint: Endpoint) -> Response:
        return self.told(request, shown.endpoints_of([endpoint])[0])


class RotateView(MoneyView):
    """The old secret signs beside the new one for a day."""

    scopes: ClassVar = {"POST": Scope.WRITE}
    told_once = SECRET

    def post(self, request: Request, pk: int) -> Response:
        endpoint = get_object_or_404(own(request), pk=pk)
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        secret = services.rotate_secret(endpoint, at=now())
        return Response(shown.endpoints_of([endpoint])[0] | {"secret": secret})


class PingView(MoneyView):
    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, pk: int) -> Response:
        endpoint = get_object_or_404(own(request), pk=pk)
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        delivery = services.ping(endpoint, at=now())
        return Response(shown.delivery_of(delivery), status=HTTPStatus.ACCEPTED)


class AttemptsView(ApiView):
    """The last tries, the newest first."""

    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request, pk: int) -> Response:
        endpoint = get_object_or_404(own(request), pk=pk)
        rows = Attempt.objects.filter(delivery__endpoint=endpoint).select_related("delivery")
        told = shown.attempts_of(rows.order_by("-pk")[:ATTEMPTS])
        ends = {"has_more": False, "next_cursor": None, "previous_cursor": None}
        return Response({"object": "list", "data": told, **ends})


class ReplayRangeView(MoneyView):
    """So many at once; the same again, under another key, goes on."""

    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, pk: int) -> Response:
        endpoint = get_object_or_404(own(request), pk=pk)
        asked = RangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = services.replay_since(endpoint, at=now(), **asked.validated_data)
        told = replayed(str(endpoint.pk), done.queued) | {"has_more": done.has_more}
        return Response(told, status=HTTPStatus.ACCEPTED)


class ReplayEventView(MoneyView):
    """To every endpoint of the client's own that was told of it."""

    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, pk: int) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        count = services.replay_event(client_of(request), pk, at=now())
        if count is None:
            raise Http404
        return Response(replayed(f"evt_{pk}", count), status=HTTPStatus.ACCEPTED)


def client_of(request: Request) -> Client:
    caller: Any = request.user
    client: Client = caller.client
    return client


def own(request: Request) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(client=client_of(request))


def replayed(name: str, count: int) -> dict[str, Any]:
    return {
        "object": "replay",
        "id": name,
        "livemode": settings.LIVE_MODE,
        "replayed": count,
    }
