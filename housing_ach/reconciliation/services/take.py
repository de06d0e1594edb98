"""A client's file is kept for good, sealed, before anybody asks what it means."""

import hashlib
from datetime import datetime
from functools import partial

from django.db import transaction

from housing_ach.audit.move import record
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reconciliation.states import Form, ReconciliationStatus
from housing_ach.shared.failpoints import failpoint
from housing_ach.users.models import Client
from housing_ach.vault import services as vault
from housing_ach.vault.keys import MONEY

MOST_BYTES = 20 * 1024 * 1024


def take(client: Client, form: Form, content: bytes, *, at: datetime) -> Reconciliation:
    """Bytes that came before from this client are that reconciliation again."""
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        row, is_new = Reconciliation.objects.get_or_create(
            client=client,
            sha256=digest,
            defaults={
                "form": form,
                "status": ReconciliationStatus.RECEIVED,
                "size": len(content),
                "sealed": partial(vault.seal, MONEY, content, context=_context(client, digest)),  # type: ignore[misc]
                "made_at": at,
            },
        )
        if is_new:
            data = {"form": str(form), "sha256": digest, "size": len(content)}
            record("reconciliation.received", row, data=data)
    failpoint("reconcile.stored")
    return row


def content_of(row: Reconciliation) -> bytes:
    """The exact bytes; only processes with the private key of the money ring can have them."""
    return vault.reveal(row.sealed, context=_context(row.client, row.sha256))


def _context(client: Client, digest: str) -> str:
    """Opens for no other client and no other bytes."""
    return f"reconciliation:{client.pk}:{digest}"
