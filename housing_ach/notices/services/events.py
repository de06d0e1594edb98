"""Reads what happened, each event once, in the order in which it can no longer change."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from housing_ach.audit.final import final_txid
from housing_ach.audit.models import Event
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.notices.models import Reader
from housing_ach.notices.services.drafts import Draft, queue
from housing_ach.notices.services.payments import PAYMENT_KINDS, payment_drafts
from housing_ach.notices.services.permissions import (
    ACCOUNT,
    AUTOPAY,
    MANDATE,
    MICRO,
    account_drafts,
    autopay_drafts,
    mandate_drafts,
    micro_deposit_drafts,
)
from housing_ach.payments.services.made import PAYMENT

LOG = logging.getLogger(__name__)
EVENTS = "events"
AT_ONCE = 500
DRAFTERS: dict[str, Callable[[Sequence[Event]], list[Draft]]] = {
    PAYMENT: payment_drafts,
    MANDATE: mandate_drafts,
    AUTOPAY: autopay_drafts,
    ACCOUNT: account_drafts,
    MICRO: micro_deposit_drafts,
}
TOLD = Q(
    kind__in=[
        *PAYMENT_KINDS,
        "mandate.revoked",
        "autopay.changed",
        "autopay.paused",
        "autopay.resumed",
        "microdeposits.sent",
        "microdeposits.awaiting_input",
    ]
) | Q(kind__in=["row.insert", "row.update"], subject__in=[MANDATE, AUTOPAY, ACCOUNT])


def plan_from_events(*, at: datetime) -> None:
    """Queue what the events since the last time tell. Beside another one it waits, and finds the rest."""
    while _read(at):
        pass


@transaction.atomic
def _read(at: datetime) -> bool:
    """Whether there may be more. What is queued and how far was read are one commit."""
    reader = Reader.objects.select_for_update().get(name=EVENTS)
    final = final_txid()
    events = list(_after(reader).filter(txid__lt=final).order_by("txid", "pk")[:AT_ONCE])
    more = len(events) == AT_ONCE
    if not events and reader.txid == final:
        return False
    by_subject: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_subject[event.subject].append(event)
    for subject, some in by_subject.items():
        _tell(subject, some, at)
    last = events[-1] if more else None
    reader.txid, reader.event_id = (last.txid, last.pk) if last else (final, 0)
    reader.save(update_fields=["txid", "event_id"])
    return more


def _after(reader: Reader) -> QuerySet[Event]:
    """In the order of transactions, of which those before the reader's own are all read."""
    rest = Q(txid__gt=reader.txid) | Q(pk__gt=reader.event_id)
    return Event.objects.filter(TOLD, rest, txid__gte=reader.txid)


def _tell(subject: str, events: Sequence[Event], at: datetime) -> None:
    """One event nobody can make sense of keeps no other from being told."""
    try:
        with transaction.atomic():
            queue(DRAFTERS[subject](events), at=at)
    except Exception:
        if len(events) > 1:
            for event in events:
                _tell(subject, [event], at)
            return
        LOG.exception("event %s could not be told", events[0].pk)
        _give_up(events[0], at)


def _give_up(event: Event, at: datetime) -> None:
    open_case(
        CaseKind.NOTICE_NOT_SENT,
        event.subject,
        event.subject_id,
        f"Nobody could be told of {event.kind}",
        at=at,
        suggested_fix="The reason is in the log of the worker. Tell the tenant yourself.",
        facts={"event": event.pk},
    )
