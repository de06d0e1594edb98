"""Programs are told what happened: planned from events, signed, sent, and kept."""

from housing_ach.webhooks.services.endpoints import (
    OVERLAP,
    BadEndpoint,
    add_endpoint,
    disable_endpoint,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
)
from housing_ach.webhooks.services.events import ping, plan_from_events
from housing_ach.webhooks.services.sending import MOST_TRIES, replay, send_waiting

__all__ = [
    "MOST_TRIES",
    "OVERLAP",
    "BadEndpoint",
    "add_endpoint",
    "disable_endpoint",
    "pause_endpoint",
    "ping",
    "plan_from_events",
    "replay",
    "resume_endpoint",
    "rotate_secret",
    "send_waiting",
]
