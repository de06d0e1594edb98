"""What a client asks to be told again: one event, or all of a time."""

from datetime import datetime
from typing import NamedTuple

from housing_ach.shared.problems import Refusal
from housing_ach.users.models import Client
from housing_ach.webhooks.models import Delivery, Endpoint
from housing_ach.webhooks.services.sending import replay
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus

MOST_AT_ONCE = 1000
OVER = (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)


class EndpointDisabled(Refusal):
    """Nothing is sent there: resume it first."""


class Replayed(NamedTuple):
    """`has_more`: the same again replays what is left."""

    queued: int
    has_more: bool


def replay_event(client: Client, event_id: int, *, at: datetime) -> int | None:
    """To every endpoint of the client that was told; None where none was. On its way: left alone."""
    mine = Delivery.objects.filter(endpoint__client=client, event=event_id)
    if not mine.exists():
        return None
    return replay(mine.exclude(endpoint__status=EndpointStatus.DISABLED), at=at)


def replay_since(
    endpoint: Endpoint, since: datetime, until: datetime, *, failed_only: bool, at: datetime
) -> Replayed:
    """What was queued from `since` to before `until`, the oldest first. Raises EndpointDisabled."""
    if endpoint.status == EndpointStatus.DISABLED:
        raise EndpointDisabled(f"status: endpoint #{endpoint.pk} is disabled", field="status")
    wanted = endpoint.deliveries.filter(
        made_at__gte=since,
        made_at__lt=until,
        status__in=[DeliveryStatus.FAILED] if failed_only else OVER,
    )
    found = list(wanted.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    queued = replay(Delivery.objects.filter(pk__in=found[:MOST_AT_ONCE]), at=at)
    return Replayed(queued, len(found) > MOST_AT_ONCE)
