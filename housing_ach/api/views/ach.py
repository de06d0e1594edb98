from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.serializers.money import TransactionSerializer
from housing_ach.api.shown import money as shown
from housing_ach.api.transactions import debit
from housing_ach.api.views.base import ApiView, MoneyView
from housing_ach.clock.services import now
from housing_ach.payments.models import Order
from housing_ach.users.states import Scope


class TransactionsView(MoneyView):
    """A debit, once: by its key, and by its external id for ever."""

    scopes: ClassVar = {"POST": Scope.WRITE}
    names: ClassVar = {"cents": "amount", "requested_on": "effective_date"}

    def post(self, request: Request) -> Response:
        asked = TransactionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = debit(asked.validated_data, at=now())
        place = reverse("api:status", args=[order.pk])
        return Response(shown.order_of(order), status=201, headers={"Location": place})


class StatusView(ApiView):
    """How far what was asked for together has come, payment by payment."""

    scopes: ClassVar = {"GET": Scope.READ}
    parameters = cursors.PARAMETERS

    def get(self, request: Request, pk: int) -> Response:
        order = get_object_or_404(Order.objects.select_related("tenant", "lease"), pk=pk)
        rows = order.payments.select_related("fund__company__profile").prefetch_related(
            "fund__company__profile__windows"
        )
        page: dict[str, Any] = cursors.page_of(
            request, rows, shown.payments_of, place=f"status:{order.pk}"
        )
        return Response(shown.order_of(order) | {"payments": page})
