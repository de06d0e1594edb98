"""What people are told: planned from what happened, sent once, and kept."""

from housing_ach.notices.services.events import plan_from_events
from housing_ach.notices.services.invitations import NoAddress, SignedUp, invite
from housing_ach.notices.services.preferences import MustBeTold, UnknownLanguage, set_preferences
from housing_ach.notices.services.required import plan_required
from housing_ach.notices.services.sending import MOST_TRIES, send_again, send_waiting
from housing_ach.notices.services.upcoming import plan_upcoming

__all__ = [
    "MOST_TRIES",
    "MustBeTold",
    "NoAddress",
    "SignedUp",
    "UnknownLanguage",
    "invite",
    "plan_from_events",
    "plan_required",
    "plan_upcoming",
    "send_again",
    "send_waiting",
    "set_preferences",
]
