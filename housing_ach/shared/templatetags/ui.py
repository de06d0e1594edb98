"""What a status is called and how it is shown: the one map from our states to words, tones and icons."""

from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from heroicons.templatetags.heroicons import heroicon_mini

register = template.Library()


class Look(NamedTuple):
    words: str | Promise
    tone: str
    icon: str


PAYMENT = {
    "HELD": Look(_("On hold"), "hold", "pause-circle"),
    "AWAITING_APPROVAL": Look(_("Needs review"), "warn", "exclamation-triangle"),
    "SCHEDULED": Look(_("Scheduled"), "flat", "calendar"),
    "BATCHED": Look(_("Scheduled"), "flat", "calendar"),
    "SENT": Look(_("Sent to bank"), "info", "paper-airplane"),
    "ACCEPTED": Look(_("Processing"), "info", "clock"),
    "SETTLED": Look(_("Paid"), "ok", "check-circle"),
    "CLEARED": Look(_("Paid"), "ok", "check-circle"),
    "RETURNED": Look(_("Returned"), "bad", "arrow-uturn-left"),
    "RETRY": Look(_("Retry scheduled"), "warn", "arrow-path"),
    "REJECTED": Look(_("Failed"), "bad", "x-circle"),
    "CANCELLED": Look(_("Canceled"), "flat", "no-symbol"),
    "REVERSED": Look(_("Reversed"), "hold", "arrows-right-left"),
}
OTHER = {
    "DRAFT": Look(_("Needs approval"), "warn", "exclamation-triangle"),
    "APPROVED": Look(_("Approved"), "info", "check"),
    "FROZEN": Look(_("Ready to send"), "info", "lock-closed"),
    "UPLOADING": Look(_("Sending"), "info", "paper-airplane"),
    "PUBLISHING": Look(_("Sending"), "info", "paper-airplane"),
    "PUBLISHED": Look(_("Sent to bank"), "info", "paper-airplane"),
    "VOID": Look(_("Void"), "flat", "no-symbol"),
    "RECEIVED": Look(_("Received"), "info", "inbox-arrow-down"),
    "APPLIED": Look(_("Applied"), "ok", "check-circle"),
    "QUARANTINED": Look(_("Set aside"), "bad", "shield-exclamation"),
    "PLANNED": Look(_("Planned"), "flat", "calendar"),
    "EJECTED": Look(_("Taken out"), "hold", "arrow-right-start-on-rectangle"),
    "DISHONORED": Look(_("Return disputed"), "warn", "exclamation-triangle"),
    "CONTESTED": Look(_("Dispute answered"), "warn", "exclamation-triangle"),
    "OPEN": Look(_("Open"), "warn", "exclamation-circle"),
    "RESOLVED": Look(_("Resolved"), "ok", "check-circle"),
    "ACTIVE": Look(_("Active"), "ok", "check-circle"),
    "PAUSED": Look(_("Paused"), "hold", "pause-circle"),
    "REVOKED": Look(_("Revoked"), "flat", "no-symbol"),
    "EXPIRED": Look(_("Expired"), "flat", "clock"),
    "BLOCKED": Look(_("Blocked"), "bad", "shield-exclamation"),
    "CLOSED": Look(_("Closed"), "flat", "no-symbol"),
    "PENDING_VERIFICATION": Look(_("Waiting for verification"), "warn", "clock"),
    "PENDING": Look(_("Being verified"), "warn", "clock"),
    "UNVERIFIED": Look(_("Not verified"), "warn", "exclamation-triangle"),
    "VERIFIED": Look(_("Verified"), "ok", "check-badge"),
    "FAILED": Look(_("Failed"), "bad", "x-circle"),
    "ENDED": Look(_("Ended"), "flat", "no-symbol"),
    "QUEUED": Look(_("Waiting"), "flat", "clock"),
    "RUNNING": Look(_("In progress"), "info", "arrow-path"),
    "DONE": Look(_("Ready"), "ok", "check-circle"),
    "DELIVERED": Look(_("Delivered"), "ok", "check-circle"),
    "POSTED": Look(_("In the ERP"), "ok", "check-circle"),
    "CONFLICT": Look(_("Conflict"), "bad", "exclamation-triangle"),
    "DISABLED": Look(_("Not started"), "flat", "no-symbol"),
    "SHADOW": Look(_("Shadow"), "hold", "eye"),
    "PILOT": Look(_("Pilot"), "info", "beaker"),
    "LIVE": Look(_("Live"), "ok", "check-circle"),
}
LOOKS = OTHER | PAYMENT


@register.simple_tag
def status_badge(status: str, words: str = "") -> SafeString:
    """Icon and word: colour only supports them."""
    look = LOOKS.get(status) or Look(status.replace("_", " ").capitalize(), "flat", "minus-circle")
    icon = heroicon_mini(look.icon, size=16, aria_hidden="true")
    return format_html(
        '<span class="badge is-{}">{}{}</span>', look.tone, icon, words or look.words
    )


@register.simple_tag
def status_words(status: str) -> str:
    look = LOOKS.get(status)
    return str(look.words) if look else status.replace("_", " ").capitalize()
