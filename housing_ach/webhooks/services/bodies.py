"""What a message says: ids, states and amounts. Never a name, a number of an account, or free text."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC
from typing import Any

from django.conf import settings

from housing_ach.audit.models import Event
from housing_ach.batches.models import BankFile, Batch
from housing_ach.cases.models import Case
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.payments.models import Payment
from housing_ach.payments.states import Purpose, public
from housing_ach.reconciliation.models import FATES, Reconciliation
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.webhooks.catalogue import (
    ACCOUNT,
    BATCH,
    CASE,
    ENDPOINT,
    FILE,
    MANDATE,
    PAYMENT,
    RECONCILIATION,
)
from housing_ach.webhooks.services.sources import source_of, staff_among

Facts = dict[str, Any]
CURRENCY = "USD"


def bodies_of(named: Sequence[tuple[Event, str]]) -> dict[int, str]:
    """By event: minified JSON, the same for every endpoint."""
    return {pk: json.dumps(told, separators=(",", ":")) for pk, told in told_of(named).items()}


def told_of(named: Sequence[tuple[Event, str]]) -> dict[int, Facts]:
    """By event: what is told of it, with what it is about as it is now."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for event, _name in named:
        ids[event.subject].add(event.subject_id)
    about = {subject: FACTS[subject](some) for subject, some in ids.items()}
    staff = staff_among(event.actor for event, _name in named)
    return {
        event.pk: {
            "id": webhook_id(event),
            "type": name,
            "timestamp": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "livemode": settings.LIVE_MODE,
            "sequence": event.pk,
            **source_of(event.actor, staff),
            "data": _data(event, about[event.subject].get(event.subject_id, {})),
        }
        for event, name in named
    }


def webhook_id(event: Event) -> str:
    """The same for each try and each replay: who takes messages in, knows it again."""
    return f"evt_{event.pk}"


def _data(event: Event, facts: Mapping[str, Any]) -> Facts:
    told = {"object": OBJECTS[event.subject], "id": event.subject_id, **facts}
    if event.became:
        told["status"] = public(event.became) if event.subject == PAYMENT else event.became
    return told


def _payments(ids: Collection[str]) -> dict[str, Facts]:
    codes = dict(
        Return.objects.filter(entry__payment__in=[int(pk) for pk in ids], kind=ReturnKind.RETURN)
        .order_by("pk")
        .values_list("entry__payment", "code")
    )
    return {
        str(row.pk): {
            "order_id": str(row.order_id),
            "tenant_id": str(row.tenant_id),
            "lease_id": str(row.lease_id),
            "direction": row.direction,
            "purpose": row.purpose,
            "return_code": codes.get(row.pk),
            **_amount(row.cents, row.purpose),
        }
        for row in Payment.objects.filter(pk__in=ids)
    }


def _amount(cents: int, purpose: str) -> Facts:
    """The cents of micro-deposits prove whose account it is: only its holder may know them."""
    if purpose == Purpose.MICRO_DEPOSIT:
        return {}
    return {"amount": cents, "currency": CURRENCY}


def _mandates(ids: Collection[str]) -> dict[str, Facts]:
    return {
        str(row.pk): {
            "status": row.status,
            "tenant_id": str(row.tenant_id),
            "lease_id": str(row.lease_id),
            "bank_account_id": str(row.bank_account_id),
        }
        for row in Mandate.objects.filter(pk__in=ids)
    }


def _accounts(ids: Collection[str]) -> dict[str, Facts]:
    return {
        str(row.pk): {
            "status": row.status,
            "tenant_id": str(row.tenant_id),
            "verification": row.verification,
        }
        for row in BankAccount.objects.filter(pk__in=ids)
    }


def _batches(ids: Collection[str]) -> dict[str, Facts]:
    return {
        str(row.pk): {
            "status": row.status,
            "file_id": row.file_id and str(row.file_id),
            "entry_count": row.entry_count,
            "effective_on": row.effective_on.isoformat(),
            **_amount(row.cents, row.description),
        }
        for row in Batch.objects.filter(pk__in=ids)
    }


def _files(ids: Collection[str]) -> dict[str, Facts]:
    return {
        str(row.pk): {"status": row.status, "kind": row.kind, "direction": row.direction}
        for row in BankFile.objects.filter(pk__in=ids).only("pk", "status", "kind", "direction")
    }


def _reconciliations(ids: Collection[str]) -> dict[str, Facts]:
    return {
        str(row.pk): {
            "status": row.status,
            "lines": row.line_count,
            **{fate: getattr(row, fate) for fate in FATES},
        }
        for row in Reconciliation.objects.filter(pk__in=ids)
    }


def _cases(ids: Collection[str]) -> dict[str, Facts]:
    return {
        str(row.pk): {
            "status": row.status,
            "kind": row.kind,
            "subject": OBJECTS.get(row.subject),
            "subject_id": row.subject_id if row.subject in OBJECTS else None,
        }
        for row in Case.objects.filter(pk__in=ids)
    }


def _nothing(_ids: Collection[str]) -> dict[str, Facts]:
    return {}


FACTS: dict[str, Callable[[Collection[str]], dict[str, Facts]]] = {
    PAYMENT: _payments,
    MANDATE: _mandates,
    ACCOUNT: _accounts,
    BATCH: _batches,
    FILE: _files,
    RECONCILIATION: _reconciliations,
    CASE: _cases,
    ENDPOINT: _nothing,
}
OBJECTS = {
    PAYMENT: "payment",
    MANDATE: "mandate",
    ACCOUNT: "bank_account",
    BATCH: "batch",
    FILE: "file",
    RECONCILIATION: "reconciliation",
    CASE: "exception",
    ENDPOINT: "webhook_endpoint",
}
