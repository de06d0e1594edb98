"""Permissions to debit, with their evidence: given, looked at, taken back."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.finding import account_named, lease_named, tenant_named, text_named
from housing_ach.api.serializers.mandates import MandateSerializer
from housing_ach.api.serializers.money import ReasonSerializer
from housing_ach.api.shown import accounts as shown
from housing_ach.api.views.base import ApiView, MoneyView, ObjectView
from housing_ach.clock.services import now
from housing_ach.mandates.models import Mandate, MandateText
from housing_ach.mandates.services import sign_mandate
from housing_ach.mandates.states import Channel, Roll
from housing_ach.payments.services import revoke_mandate
from housing_ach.users.services import system_user
from housing_ach.users.states import Scope

# Where a service names a field otherwise than the body does.
NAMES = {"min_cents": "min_amount", "max_cents": "max_amount"} | dict.fromkeys(
    ("signed_name", "ip"), "evidence"
)
FILTERS = {"tenant": "tenant__external_id", "lease": "lease__external_id"}


class MandateTextsView(ApiView):
    """What payers are asked to agree to, by version."""

    scopes: ClassVar = {"GET": Scope.READ}
    parameters = cursors.PARAMETERS

    def get(self, request: Request) -> Response:
        rows = MandateText.objects.all()
        return Response(cursors.page_of(request, rows, shown.texts_of, place="mandate-texts"))


class MandatesView(MoneyView):
    scopes: ClassVar = {"GET": Scope.READ, "POST": Scope.WRITE}
    parameters = cursors.PARAMETERS | FILTERS.keys()
    names: ClassVar = NAMES

    def get(self, request: Request) -> Response:
        wanted = {name: value for name, value in request.query_params.items() if name in FILTERS}
        rows = shown.mandates().filter(**{FILTERS[name]: value for name, value in wanted.items()})
        place = f"mandates:{sorted(wanted.items())}"
        return Response(cursors.page_of(request, rows, shown.mandates_of, place=place))

    def post(self, request: Request) -> Response:
        asked = MandateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = signed(asked.validated_data)
        told = shown.mandates_of([shown.mandates().get(pk=made.pk)])[0]
        place = reverse("api:mandate", args=[made.pk])
        return Response(told, status=HTTPStatus.CREATED, headers={"Location": place})


class MandateView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request, pk: int) -> Response:
        mandate = get_object_or_404(shown.mandates(), pk=pk)
        return self.told(request, shown.mandates_of([mandate])[0])


class RevokeView(MoneyView):
    """At once and for good; tells what was cancelled, and what cannot be stopped any more."""

    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, pk: int) -> Response:
        mandate = get_object_or_404(shown.mandates().select_for_update(of=("self",)), pk=pk)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        reason = asked.validated_data["reason"]
        done = revoke_mandate(mandate, by=system_user(), reason=reason, at=now())
        payments = {
            "cancelled": [str(pk) for pk in done.cancelled],
            "under_way": [str(pk) for pk in done.under_way],
        }
        return Response(shown.mandates_of([mandate])[0] | payments)


def signed(asked: Mapping[str, Any]) -> Mandate:
    """Raises NotThere, ValidationError, and what `sign_mandate` raises."""
    evidence = asked["evidence"]
    if evidence["signed_at"] > now():
        raise ValidationError({"evidence": {"signed_at": ["Nobody signed that yet."]}})
    return sign_mandate(
        tenant=tenant_named(asked["tenant"]),
        lease=lease_named(asked["lease"]),
        bank_account=account_named(asked["bank_account"]),
        at=evidence["signed_at"],
        text=text_named(asked["text_version"]),
        channel=Channel(asked["channel"].upper()),
        min_cents=asked["min_amount"],
        max_cents=asked["max_amount"],
        recurring=asked["recurring"],
        roll=Roll(asked["roll"].upper()) if "roll" in asked else None,
        signed_name=evidence["signed_name"],
        ip=evidence.get("ip"),
        user_agent=evidence.get("user_agent", ""),
    )
