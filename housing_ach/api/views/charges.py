"""What leases owe: charged once by a program, looked at, summed."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.finding import lease_named, tenant_named
from housing_ach.api.serializers.charges import ChargeSerializer
from housing_ach.api.shown import charges as shown
from housing_ach.api.views.base import ApiView, MoneyView, ObjectView
from housing_ach.clock.services import now
from housing_ach.payments.selectors import standings
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import Lease
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.states import Scope

# What is due farther away is a slip of the keys.
FARTHEST = timedelta(days=400)


class ChargesView(MoneyView):
    """Once by its key, and by its external id for ever."""

    scopes: ClassVar = {"POST": Scope.WRITE}
    names: ClassVar = {"cents": "amount"}

    def post(self, request: Request) -> Response:
        asked = ChargeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        at = now()
        _require_near(said["due_on"], new_york_date(at))
        payer = {"payer": tenant_named(said["tenant"])} if "tenant" in said else {}
        charge = add_charge(
            lease=lease_named(said["lease"]),
            kind=ChargeKind(said["kind"].upper()),
            cents=said["amount"],
            due_on=said["due_on"],
            at=at,
            memo=said["memo"],
            external_id=said["external_id"],
            **payer,
        )
        told = shown.charges_of([shown.charges().get(pk=charge.pk)])[0]
        place = reverse("api:charge", args=[charge.pk])
        return Response(told, status=HTTPStatus.CREATED, headers={"Location": place})


class ChargeView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request, pk: int) -> Response:
        charge = get_object_or_404(shown.charges(), pk=pk)
        return self.told(request, shown.charges_of([charge])[0])


class LeaseChargesView(ApiView):
    """All that was ever charged, by schedule or once."""

    scopes: ClassVar = {"GET": Scope.READ}
    parameters = cursors.PARAMETERS

    def get(self, request: Request, external_id: str) -> Response:
        lease = get_object_or_404(Lease, external_id=external_id)
        rows = shown.charges().filter(lease=lease)
        place = f"charges:{lease.pk}"
        return Response(cursors.page_of(request, rows, shown.charges_of, place=place))


class BalanceView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request, external_id: str) -> Response:
        lease = get_object_or_404(Lease, external_id=external_id)
        return self.told(request, shown.balance_of(lease, standings(lease)))


def _require_near(due_on: date, on: date) -> None:
    if abs(due_on - on) > FARTHEST:
        words = f"Within {FARTHEST.days} days of today."
        raise ValidationError({"due_on": [words]})
