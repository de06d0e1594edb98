"""Asking for a document: what was made of the same facts before, or a new one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, models, transaction

from housing_ach.audit.move import record
from housing_ach.batches.models import Batch
from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Order
from housing_ach.reports import selectors
from housing_ach.reports.models import Content, Document
from housing_ach.reports.services.papers import LAYOUT, PAPERS, ROWS_AT_ONCE, plain
from housing_ach.reports.services.printing import stored, typeset
from housing_ach.reports.states import DocumentKind, DocumentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.models import User

ENGLISH = "en"


class BadRange(Refusal):
    """A statement ends on or after the day it begins."""


@dataclass(frozen=True)
class Wanted:
    """`subject` is a row, or the day a day end is of."""

    kind: DocumentKind
    subject: models.Model | date
    name: str
    facts: dict[str, Any]
    language: str = ENGLISH
    lease_id: int | None = None
    tenant_id: int | None = None

    @property
    def key(self) -> dict[str, str]:
        if isinstance(self.subject, date):
            label, pk = "day", self.subject.isoformat()
        else:
            label, pk = self.subject._meta.label_lower, str(self.subject.pk)
        told = json.dumps([LAYOUT, self.lease_id, self.tenant_id, self.facts], sort_keys=True)
        return {
            "kind": self.kind,
            "subject": label,
            "subject_id": pk,
            "language": self.language,
            "facts_sha": sha256(told.encode()).hexdigest(),
        }


def receipt(order: Order, *, by: User, at: datetime, language: str = ENGLISH) -> Document:
    """Says Pending until the money moved. Raises NoReceipt, CannotPrint."""
    wanted = Wanted(
        DocumentKind.RECEIPT,
        order,
        f"receipt-{order.pk}.pdf",
        plain(selectors.receipt(order)),
        language,
        order.lease_id,
        order.tenant_id,
    )
    return _document(wanted, by=by, at=at)


def mandate_copy(mandate: Mandate, *, by: User, at: datetime, language: str = ENGLISH) -> Document:
    """The terms stand in the language they were signed in. Raises CannotPrint."""
    wanted = Wanted(
        DocumentKind.MANDATE,
        mandate,
        f"authorization-{mandate.pk}.pdf",
        plain(selectors.mandate_copy(mandate)),
        language,
        mandate.lease_id,
        mandate.tenant_id,
    )
    return _document(wanted, by=by, at=at)


def tenant_statement(
    lease: Lease,
    tenant: Tenant,
    *,
    days: tuple[date, date],
    by: User,
    at: datetime,
    language: str = ENGLISH,
) -> Document:
    """From the first to the second day, both included. Raises BadRange, CannotPrint."""
    first, last = days
    if last < first:
        raise BadRange("last: the statement ends before it begins", field="last")
    wanted = Wanted(
        DocumentKind.STATEMENT,
        lease,
        f"statement-{lease.external_id}-{first}-{last}.pdf",
        plain(selectors.statement(lease, tenant, first, last)),
        language,
        lease.pk,
        tenant.pk,
    )
    return _document(wanted, by=by, at=at)


def batch_report(batch: Batch, *, by: User, at: datetime) -> Document:
    """Raises CannotPrint."""
    facts = plain(selectors.batch_report(batch))
    wanted = Wanted(DocumentKind.BATCH, batch, f"batch-{batch.pk}.pdf", facts)
    return _document(wanted, by=by, at=at)


def day_end_report(on: date, *, by: User, at: datetime) -> Document:
    """Raises CannotPrint."""
    facts = plain(selectors.day_end(on))
    wanted = Wanted(DocumentKind.DAY_END, on, f"day-end-{on}.pdf", facts)
    return _document(wanted, by=by, at=at)


def _document(wanted: Wanted, *, by: User, at: datetime) -> Document:
    """DONE at once where it is short; else QUEUED, for `print_waiting()`."""
    made = Document.objects.exclude(status=DocumentStatus.FAILED).filter(**wanted.key)
    if (found := made.first()) is not None:
        return found
    document = Document(
        **wanted.key,
        lease_id=wanted.lease_id,
        tenant_id=wanted.tenant_id,
        name=wanted.name,
        facts=wanted.facts,
        made_by=by,
        made_at=at,
    )
    data = b""
    if PAPERS[wanted.kind].rows(wanted.facts) <= ROWS_AT_ONCE:
        pdf = typeset(document)
        data, result = pdf.content, stored(pdf)
        document.status = DocumentStatus.DONE
        for name, value in result.items():
            setattr(document, name, value)
    try:
        _save(document, data)
    except IntegrityError:
        # Somebody else asked for it at the same moment, and was first.
        if (found := made.first()) is None:
            raise
        return found
    return document


@transaction.atomic
def _save(document: Document, data: bytes) -> None:
    document.save(force_insert=True)
    if data:
        Content.objects.create(document=document, data=data)
    told: Mapping[str, object] = {"kind": document.kind, "sha256": document.sha256}
    record(f"document.{document.status.lower()}", document, data=told)
