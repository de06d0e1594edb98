"""From what happened to messages that wait to be sent: to whom, in which language, once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.audit.models import Event
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.notices.letters import write
from housing_ach.notices.models import Message, Preference
from housing_ach.notices.selectors import preferences_of
from housing_ach.notices.states import OPTIONAL, Kind
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.models import User

AT_ONCE = 500
Rows = tuple[tuple[str | Promise, Any], ...]


@dataclass(frozen=True)
class Draft:
    """`facts` are what the templates of the kind name; `rows` are shown as a list of facts.

    `also_to` are addresses besides the tenant's own.
    """

    kind: Kind
    occasion: str
    tenant: Tenant
    about: models.Model
    facts: Mapping[str, Any]
    rows: Rows = ()
    page: str = ""
    page_words: str | Promise = ""
    sender: str = ""
    event_id: int | None = None
    also_to: tuple[str, ...] = ()
    user: User | None = None


def queue(drafts: Sequence[Draft], *, at: datetime) -> None:
    """What its reader wants, or has to be told. A draft queued before does nothing.

    Who must be told and has no address is a Case.
    """
    for some in _chunks(drafts):
        preferences = preferences_of({draft.tenant.pk for draft in some})
        wanted = [draft for draft in some if preferences[draft.tenant.pk].wants(draft.kind)]
        messages = [
            message
            for draft in wanted
            for message in _messages(draft, preferences[draft.tenant.pk], at)
        ]
        with transaction.atomic():
            Message.objects.bulk_create(messages, ignore_conflicts=True)
            open_cases([_unreachable(draft) for draft in wanted if _must_write(draft)], at=at)


def addresses_of(draft: Draft) -> list[str]:
    """The tenant's, or where none is known the one he signs in with."""
    tenant = draft.tenant
    own = draft.user.email if draft.user else tenant.email or (tenant.user and tenant.user.email)
    found = {
        address.strip().lower(): address.strip() for address in (own, *draft.also_to) if address
    }
    return list(found.values())


def link(name: str, **kwargs: object) -> str:
    """The address of a page; where the pages have none of the name, of their start."""
    try:
        path = reverse(name, kwargs=kwargs or None)
    except NoReverseMatch:
        path = reverse("home")
    return f"{settings.SITE_URL}{path}"


def sender_of(lease: Lease) -> str:
    return lease.unit.property.name


def news(events: Iterable[Event], became: Collection[str]) -> dict[int, Event]:
    """The last of the events that brought each subject there, by its key."""
    return {int(event.subject_id): event for event in events if event.became in became}


def _chunks(drafts: Sequence[Draft]) -> Iterable[Sequence[Draft]]:
    return (drafts[start : start + AT_ONCE] for start in range(0, len(drafts), AT_ONCE))


def _messages(draft: Draft, preference: Preference, at: datetime) -> list[Message]:
    recipients = addresses_of(draft)
    if not recipients:
        return []
    told = {
        "name": draft.tenant.name,
        "rows": draft.rows,
        "page": draft.page,
        "page_words": draft.page_words,
        "sender": draft.sender,
        "optional": draft.kind in OPTIONAL,
        **draft.facts,
    }
    letter = write(draft.kind, told, language=preference.language)
    return [
        Message(
            kind=draft.kind,
            template_version=letter.version,
            language=preference.language,
            recipient=recipient,
            tenant=draft.tenant,
            user=draft.user or draft.tenant.user,
            subject=draft.about._meta.label_lower,
            subject_id=str(draft.about.pk),
            event_id=draft.event_id,
            occasion=draft.occasion,
            title=letter.title,
            body=letter.body,
            html=letter.html,
            sha256=letter.sha256,
            queued_at=at,
            next_try_at=at,
        )
        for recipient in recipients
    ]


def _must_write(draft: Draft) -> bool:
    return draft.kind not in OPTIONAL and not addresses_of(draft)


def _unreachable(draft: Draft) -> NewCase:
    return NewCase(
        CaseKind.NOTICE_NOT_SENT,
        Tenant._meta.label_lower,
        draft.tenant.pk,
        f"{draft.tenant} has no e-mail address and must be told: {draft.kind.label}",
        suggested_fix="Write a letter, and ask the tenant for an e-mail address.",
        facts={
            "kind": draft.kind,
            "subject": draft.about._meta.label_lower,
            "id": draft.about.pk,
        },
    )


ENDING = _("Account ending in")
AMOUNT = _("Amount")
DATE = _("Date")
