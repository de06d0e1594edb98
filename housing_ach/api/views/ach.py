from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.orders import FILTERS, orders, orders_asked_for
from housing_ach.api.serializers.money import BatchSerializer, ItemSerializer, ReasonSerializer
from housing_ach.api.shown import money as shown
from housing_ach.api.submissions import NAMES, Asked, Outcome, submit
from housing_ach.api.views.base import ApiView, MoneyView, ObjectView
from housing_ach.clock.services import now
from housing_ach.payments.models import Submission
from housing_ach.payments.services import SomeRefused, cancel
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.services import system_user
from housing_ach.users.states import Scope


class TransactionsView(MoneyView):
    """Debits, once: by the request's key, and each by its external id for ever."""

    scopes: ClassVar = {"GET": Scope.READ, "POST": Scope.WRITE}
    names: ClassVar = NAMES
    parameters = cursors.PARAMETERS | FILTERS.names

    def get(self, request: Request) -> Response:
        rows, place = orders_asked_for(request)
        page = cursors.page_of(request, rows, shown.orders_of, place=f"transactions:{place}")
        return Response(page)

    def post(self, request: Request) -> Response:
        if isinstance(request.data, dict) and "items" in request.data:
            return self._many(request)
        asked = ItemSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = _submitted(request, [asked.validated_data], at=self.at)
        (order,) = shown.orders_of(orders().filter(pk=done.orders[0].pk))
        return _created(done.submission, order)

    def _many(self, request: Request) -> Response:
        asked = BatchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        batch = asked.validated_data
        partial = not batch["all_or_nothing"]
        name = batch["external_id"]
        done = _submitted(request, batch["items"], at=self.at, external_id=name, partial=partial)
        return _created(done.submission, shown.submission_of(done.submission))


class TransactionView(ApiView):
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request, pk: int) -> Response:
        (order,) = shown.orders_of([get_object_or_404(orders(), pk=pk)])
        return Response(order)


class CancelView(MoneyView):
    """Until its file is written. Of an order all that can still be stopped has to be."""

    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, pk: int) -> Response:
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = get_object_or_404(orders(), pk=pk)
        with transaction.atomic():
            rows = order.payments.exclude(status=PaymentStatus.CANCELLED).order_by("pk")
            for payment in rows.select_related("fund__company__profile"):
                by = system_user()
                cancel(payment, by=by, reason=asked.validated_data["reason"], at=now())
        (told,) = shown.orders_of([order])
        return Response(told)


class StatusView(ObjectView):
    """How far what was asked for together has come, payment by payment."""

    scopes: ClassVar = {"GET": Scope.READ}
    parameters = cursors.PARAMETERS

    def get(self, request: Request, pk: int) -> Response:
        submission = get_object_or_404(Submission, pk=pk)
        rows = orders().filter(submission=submission)
        page = cursors.page_of(request, rows, shown.orders_of, place=f"status:{pk}")
        return self.told(request, shown.submission_of(submission) | {"orders": page})


def _submitted(
    request: Request, items: list[dict[str, Any]], *, at: datetime, **how: Any
) -> Outcome:
    claims: Any = request.auth
    scopes = str(claims["scope"]).split()
    if Scope.TOKENIZE not in scopes and any("account_number" in item for item in items):
        raise PermissionDenied
    caller: Any = request.user
    try:
        return submit(items, Asked(caller.client, **how), at=at)
    except SomeRefused as some:
        if "items" in request.data:
            raise
        raise some.refusals[0] from some


def _created(submission: Submission, body: dict[str, Any]) -> Response:
    place = reverse("api:status", args=[submission.pk])
    return Response(body, status=201, headers={"Location": place})
