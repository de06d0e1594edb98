"""Endpoints and what became of messages. What an endpoint answered is for staff alone."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from housing_ach.api.shown.base import instant
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint


def endpoints_of(rows: Iterable[Endpoint]) -> list[dict[str, Any]]:
    return [
        {
            "object": "webhook_endpoint",
            "id": str(row.pk),
            "livemode": settings.LIVE_MODE,
            "url": row.url,
            "kinds": row.kinds,
            "description": row.description,
            "status": row.status.lower(),
            "created_at": instant(row.made_at),
        }
        for row in rows
    ]


def delivery_of(row: Delivery) -> dict[str, Any]:
    return {
        "object": "webhook_delivery",
        "id": str(row.pk),
        "livemode": settings.LIVE_MODE,
        "webhook_id": row.webhook_id,
        "kind": row.kind,
        "status": row.status.lower(),
        "created_at": instant(row.made_at),
    }


def attempts_of(rows: Iterable[Attempt]) -> list[dict[str, Any]]:
    return [
        {
            "object": "webhook_attempt",
            "id": str(row.pk),
            "livemode": settings.LIVE_MODE,
            "delivery": delivery_of(row.delivery),
            "attempted_at": instant(row.at),
            "answered": row.answered,
            "took_ms": row.took_ms,
            "problem": row.problem or None,
        }
        for row in rows
    ]
