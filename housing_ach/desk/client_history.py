"""Who did what to a client of the API, from the audit trail, in words."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from housing_ach.audit.models import Event
from housing_ach.desk.history import MOST, Happened, names_of
from housing_ach.desk.tables_clients import SCOPES
from housing_ach.shared.templatetags.ui import Look
from housing_ach.users.models import Client, ProofChange, SshKey

CLIENT, CHANGE = Client._meta.label_lower, ProofChange._meta.label_lower
SSH_KEY = SshKey._meta.label_lower
REGISTERED = Look(_("Registered"), "info", "plus")
ASKED = {
    CLIENT: REGISTERED,
    CHANGE: Look(_("New proof asked for"), "warn", "key"),
    SSH_KEY: Look(_("SSH key added"), "warn", "key"),
}
OTHER_SCOPES = Look(_("Other rights asked for"), "warn", "adjustments-horizontal")
SSH_GONE = Look(_("SSH key taken away"), "flat", "key")
PROOF = Look(_("Key or certificate taken away"), "flat", "key")
ENABLED = Look(_("Enabled"), "ok", "check-circle")
DISABLED = Look(_("Disabled"), "bad", "no-symbol")
# By the column that changed: the first that fits tells what happened.
COLUMNS: dict[tuple[str, str], Look] = {
    (CHANGE, "approved_at"): Look(_("Change approved"), "ok", "check-badge"),
    (CHANGE, "dropped_at"): Look(_("Change dropped"), "flat", "no-symbol"),
    (SSH_KEY, "approved_at"): Look(_("SSH key approved"), "ok", "check-badge"),
    (CLIENT, "approved_at"): Look(_("Approved"), "ok", "check-badge"),
    (CLIENT, "scopes"): Look(_("Rights changed"), "info", "adjustments-horizontal"),
    (CLIENT, "networks"): Look(_("Networks changed"), "info", "globe-alt"),
    (CLIENT, "jwks"): PROOF,
    (CLIENT, "thumbprints"): PROOF,
}


def client_history(client: Client) -> list[Happened]:
    """The newest first."""
    changes = [str(pk) for pk in client.proof_changes.values_list("pk", flat=True)]
    about = Q(subject=CLIENT, subject_id=str(client.pk))
    about |= Q(subject=CHANGE, subject_id__in=changes)
    about |= Q(subject=SSH_KEY, subject_id__in=_ssh_keys(client))
    events = list(Event.objects.filter(about).order_by("-pk")[:MOST])
    looks = [(event, look) for event in events if (look := _look(event))]
    names = names_of(event.actor for event, _look_ in looks)
    return [
        Happened(event.at, look.words, names[event.actor], _why(event), look.tone, look.icon)
        for event, look in looks
    ]


def _ssh_keys(client: Client) -> list[str]:
    """Also those taken away."""
    held = Event.objects.filter(subject=SSH_KEY, data__new__client_id=client.pk)
    return list(held.values_list("subject_id", flat=True))


def _look(event: Event) -> Look | None:
    if event.kind == "row.insert":
        return (
            OTHER_SCOPES
            if event.data["new"].get("scopes") and event.subject == CHANGE
            else ASKED[event.subject]
        )
    if event.kind == "row.delete":
        return SSH_GONE
    new: Mapping[str, Any] = event.data.get("new", {})
    if "proved_at" in new:
        return None  # The approval of the change says it.
    for (subject, column), look in COLUMNS.items():
        if event.subject == subject and new.get(column) is not None:
            return look
    if "is_active" in new:
        return ENABLED if new["is_active"] else DISABLED
    return None


def _why(event: Event) -> str:
    told = event.data.get("new") or event.data.get("old") or {}
    scopes = [str(SCOPES[scope]) for scope in told.get("scopes") or []]
    if event.subject == SSH_KEY:
        return str(told.get("fingerprint", ""))
    return ", ".join(scopes or told.get("networks") or [])
