from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors, shown
from housing_ach.api.views.base import ApiView
from housing_ach.payments.models import Order
from housing_ach.users.states import Scope


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
