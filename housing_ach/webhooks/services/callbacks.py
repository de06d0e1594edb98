"""The callback of the contract: a client is told at its own address what became of its batches.

A callback is an endpoint like any other in how it is signed, sent, tried again, paused and replayed;
its address names the batch, and it is told of returns and rejections alone.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from housing_ach.audit.models import Event
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus, public
from housing_ach.returns.models import Return
from housing_ach.returns.plain_words import plain_words
from housing_ach.returns.states import ReturnKind
from housing_ach.users.models import Client
from housing_ach.webhooks.catalogue import NAMES, PAYMENT
from housing_ach.webhooks.models import Delivery, Endpoint
from housing_ach.webhooks.services.endpoints import (
    change_endpoint,
    new_secret,
    require_address,
    resume_endpoint,
)
from housing_ach.webhooks.states import EndpointStatus

TOLD = (PaymentStatus.RETURNED, PaymentStatus.REJECTED)
KINDS = sorted(NAMES[PAYMENT][status] for status in TOLD)
REJECTED = "The bank refused the file or the batch."


def callback_of(client: Client) -> Endpoint | None:
    return client.endpoints.filter(is_callback=True).first()


@transaction.atomic
def set_callback(*, client: Client, url: str, at: datetime) -> tuple[Endpoint, str]:
    """Where the client is told, as "https://hms.example.org/ach/status/{batchId}".

    The secret is told once, with the first address; another address keeps it, and the secret is empty.
    One that was disabled listens again. Raises BadEndpoint.
    """
    require_address(url, is_callback=True)
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if endpoint := callback_of(client):
        change_endpoint(endpoint, url=url)
        if endpoint.status == EndpointStatus.DISABLED:
            resume_endpoint(endpoint)
        return endpoint, ""
    endpoint = Endpoint.objects.create(
        client=client, url=url, kinds=KINDS, is_callback=True, made_at=at
    )
    return endpoint, new_secret(endpoint, at)


def callbacks(
    endpoints: Sequence[Endpoint], named: Sequence[tuple[Event, str]], *, at: datetime
) -> list[Delivery]:
    """Of each payment that came back, for the client that asked for it; others are not told."""
    by_client = {endpoint.client_id: endpoint for endpoint in endpoints if endpoint.is_callback}
    events = [event for event, name in named if name in KINDS]
    if not by_client or not events:
        return []
    payments = _asked_for(by_client, events)
    codes = _codes(payments)
    return [
        Delivery(
            endpoint=by_client[payment.order.submission.client_id],
            event=event,
            # Of the same event, whoever listens to all has another message.
            webhook_id=f"cbk_{event.pk}",
            kind=NAMES[PAYMENT][event.became],
            body=_body(event, payment, codes.get(payment.pk)),
            submission=payment.order.submission,
            made_at=at,
            next_at=at,
        )
        for event in events
        if (payment := payments.get(int(event.subject_id))) and payment.order.submission
    ]


def _asked_for(by_client: dict[int, Endpoint], events: Sequence[Event]) -> dict[int, Payment]:
    return (
        Payment.objects.filter(order__submission__client__in=by_client)
        .select_related("order__submission")
        .in_bulk([int(event.subject_id) for event in events])
    )


def _codes(payments: dict[int, Payment]) -> dict[int | None, str]:
    rows = Return.objects.filter(entry__payment__in=payments, kind=ReturnKind.RETURN)
    return dict(rows.order_by("pk").values_list("entry__payment", "code"))


def _body(event: Event, payment: Payment, code: str | None) -> str:
    came_back = event.became == PaymentStatus.RETURNED and code
    told: dict[str, Any] = {
        "batchId": str(payment.order.submission_id),
        "order": str(payment.order_id),
        "payment": str(payment.pk),
        "external_id": payment.order.external_id or None,
        "livemode": settings.LIVE_MODE,
        "status": public(event.became),
        "return": {
            "code": code if came_back else None,
            "reason": str(plain_words(code).title) if came_back and code else REJECTED,
        },
    }
    return json.dumps(told, separators=(",", ":"))
