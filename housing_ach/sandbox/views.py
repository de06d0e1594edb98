"""What programs may do with time and the sandbox bank. Live mode has no such addresses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api.shown.base import day, instant
from housing_ach.api.views.base import ApiView, MoneyView
from housing_ach.clock.models import Clock
from housing_ach.clock.services import now, run_on
from housing_ach.payments.models import Payment
from housing_ach.sandbox import ahead, wishes
from housing_ach.sandbox.bank.magic import RECEIVERS, known_accounts
from housing_ach.sandbox.described import SUBJECT
from housing_ach.sandbox.serializers import (
    AdvanceSerializer,
    CorrectionSerializer,
    NothingSerializer,
    ReturnSerializer,
)
from housing_ach.users.states import Scope


class ClockView(ApiView):
    """Where the clock stands, and where it is on its way to."""

    subject = SUBJECT
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request) -> Response:
        return Response(_clock())


class AdvanceView(MoneyView):
    """Let the days pass, with all that happens in them."""

    subject = SUBJECT
    scopes: ClassVar = {"POST": Scope.WRITE}
    names: Mapping[str, str] = {}

    def post(self, request: Request) -> Response:
        asked = AdvanceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ((name, to),) = asked.validated_data.items()
        self.names = {"to": name}
        ahead.ask(to)
        return _moving()


class RunView(MoneyView):
    """Let the clock run on from where it stands, until it is asked elsewhere."""

    subject = SUBJECT
    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        ahead.require_standing()
        run_on()
        return Response(_clock())


class SettleView(MoneyView):
    """Let the days pass until the payment's settlement is read."""

    subject = SUBJECT
    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, pk: int) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        ahead.ask(wishes.settled_at(_payment(pk), at=ahead.require_standing()))
        return _moving()


class AnswerView(MoneyView):
    """Let the bank return or correct the payment's entry, by a file of its own."""

    subject = SUBJECT
    scopes: ClassVar = {"POST": Scope.WRITE}
    serializer: ClassVar[type[ReturnSerializer] | type[CorrectionSerializer]] = ReturnSerializer

    def post(self, request: Request, pk: int) -> Response:
        asked = self.serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        payment, code = _payment(pk), asked.validated_data["code"]
        on = wishes.answer(payment, code=code, at=ahead.require_standing())
        told = {
            "object": "bank_answer",
            "livemode": settings.LIVE_MODE,
            "payment": str(payment.pk),
            "code": code,
            "comes_on": day(on),
        }
        place = reverse("api:transaction", args=[payment.order_id])
        return Response(told, status=HTTPStatus.ACCEPTED, headers={"Location": place})


class CorrectView(AnswerView):
    serializer: ClassVar = CorrectionSerializer


class AccountsView(ApiView):
    """Account numbers whose fate is known, from the very tables the bank goes by."""

    subject = SUBJECT
    scopes: ClassVar = {"GET": Scope.READ}

    def get(self, request: Request) -> Response:
        found = [
            {
                "object": "test_account",
                "livemode": settings.LIVE_MODE,
                "begins_with": known.begins,
                "code": known.code or None,
                "happens": known.happens,
            }
            for known in known_accounts()
        ]
        return Response(
            {"object": "list", "data": found, "routing_numbers": list(RECEIVERS), "digits": [5, 17]}
        )


def _payment(pk: int) -> Payment:
    return get_object_or_404(Payment.objects.select_related("fund__company__profile"), pk=pk)


def _moving() -> Response:
    place = reverse("sandbox:clock")
    return Response(_clock(), status=HTTPStatus.ACCEPTED, headers={"Location": place})


def _clock() -> dict[str, Any]:
    """Where it goes is asked first: whoever reads that it stands then reads where."""
    going_to = ahead.going_to()
    return {
        "object": "clock",
        "livemode": settings.LIVE_MODE,
        "now": instant(now()),
        "frozen": Clock.objects.filter(running_since=None).exclude(frozen_at=None).exists(),
        "going_to": instant(going_to),
    }
