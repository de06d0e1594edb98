"""Programs are told what happened: planned from events, signed, sent, and kept."""

from housing_ach.webhooks.services.endpoints import (
    OVERLAP,
    BadEndpoint,
    TooManyEndpoints,
    add_endpoint,
    change_endpoint,
    disable_endpoint,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
)
from housing_ach.webhooks.services.events import ping, plan_from_events
from housing_ach.webhooks.services.replaying import (
    MOST_AT_ONCE,
    EndpointDisabled,
    replay_event,
    replay_since,
)
from housing_ach.webhooks.services.sending import MOST_TRIES, replay, send_waiting

__all__ = [
    "MOST_AT_ONCE",
    "MOST_TRIES",
    "OVERLAP",
    "BadEndpoint",
    "EndpointDisabled",
    "TooManyEndpoints",
    "add_endpoint",
    "change_endpoint",
    "disable_endpoint",
    "pause_endpoint",
    "ping",
    "plan_from_events",
    "replay",
    "replay_event",
    "replay_since",
    "resume_endpoint",
    "rotate_secret",
    "send_waiting",
]
