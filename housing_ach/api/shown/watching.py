"""What the bank sent back, and the files both ways. Never bytes, a number of an account, or a name."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Count, Model, Prefetch, QuerySet

from housing_ach.api.shown.base import day, instant
from housing_ach.batches.models import OUT, BankFile, Batch, Entry
from housing_ach.mandates.models import BankAccountVersion
from housing_ach.payments.states import Purpose
from housing_ach.returns.models import Correction, Return
from housing_ach.returns.plain_words import plain_words

Told = dict[str, Any]
OF_PAYER = "entry__payment__order__tenant", "entry__payment__order__lease"
TERMS = ("routing", "account_type", "holder_name", "individual_id")


def returns() -> QuerySet[Return]:
    return Return.objects.select_related(*OF_PAYER)


def corrections() -> QuerySet[Correction]:
    return Correction.objects.select_related(*OF_PAYER, "new_version__account")


def files() -> QuerySet[BankFile]:
    """With their batches, and what was read in them."""
    batches = Batch.objects.exclude(number=None).order_by("number")
    read = {name: Count(name, distinct=True) for name in ("returns", "corrections")}
    rows = BankFile.objects.defer("masked", "sealed").annotate(
        return_count=read["returns"], correction_count=read["corrections"]
    )
    return rows.prefetch_related(Prefetch("batches", queryset=batches))


def returns_of(rows: Iterable[Return]) -> list[Told]:
    return [
        _named(row)
        | {
            "kind": row.kind.lower(),
            "code": row.code,
            "reason": str(plain_words(row.code).title),
            "amount": None if _is_secret(row.entry) else row.cents,
            "currency": "USD",
            "direction": row.direction.lower() or None,
            "original_trace": row.original_trace,
            "return_trace": row.return_trace,
            "died_on": day(row.died_on),
            **_arrived(row),
            **_about(row.entry),
        }
        for row in rows
    ]


def corrections_of(rows: Iterable[Correction]) -> list[Told]:
    found = list(rows)
    accounts = {row.new_version.account_id for row in found if row.new_version}
    versions = {
        (version.account_id, version.version): version
        for version in BankAccountVersion.objects.filter(account__in=accounts)
    }
    return [_correction(row, versions) for row in found]


def files_of(rows: Iterable[BankFile]) -> list[Told]:
    return [_file(row, list(row.batches.all())) for row in rows]


def _correction(row: Correction, versions: dict[tuple[int, int], BankAccountVersion]) -> Told:
    new = row.new_version
    before = versions.get((new.account_id, new.version - 1)) if new else None
    return _named(row) | {
        "code": row.code,
        "status": row.status.lower(),
        "changed": _changed(before, new) if new and before and row.status == "APPLIED" else [],
        "bank_account": str(new.account.token) if new else None,
        "last_four": (new.last_four or None) if new else None,
        "original_trace": row.original_trace,
        "correction_trace": row.correction_trace,
        **_arrived(row),
        **_about(row.entry),
    }


def _changed(before: BankAccountVersion, new: BankAccountVersion) -> list[str]:
    """Which, never from what to what; an account sealed anew under the same terms has another number."""
    fields = [name for name in TERMS if getattr(before, name) != getattr(new, name)]
    has_number = before.token != new.token and (before.last_four != new.last_four or not fields)
    return ["account_number", *fields] if has_number else fields


def _file(row: BankFile, batches: list[Batch]) -> Told:
    is_secret = any(batch.description == Purpose.MICRO_DEPOSIT for batch in batches)
    return _named(row) | {
        "name": row.name,
        "sha256": row.sha256,
        "size": row.size,
        "direction": row.direction.lower(),
        "kind": row.kind.lower(),
        "status": row.status.lower(),
        "processing_on": day(row.processing_on),
        "created_at": instant(row.made_at),
        "published_at": instant(row.published_at),
        "acknowledged_at": instant(row.acknowledged_at),
        "entry_count": sum(batch.entry_count for batch in batches),
        "amount": None if is_secret or row.direction != OUT else _cents(batches),
        "currency": "USD",
        "return_count": getattr(row, "return_count", 0),
        "correction_count": getattr(row, "correction_count", 0),
        "batches": [_batch(batch) for batch in batches],
    }


def _batch(row: Batch) -> Told:
    return {
        "id": str(row.pk),
        "number": row.number,
        "sec_code": row.sec_code,
        "direction": row.direction.lower(),
        "description": row.description,
        "status": row.status.lower(),
        "entry_count": row.entry_count,
        "amount": None if row.description == Purpose.MICRO_DEPOSIT else row.cents,
        "effective_on": day(row.effective_on),
        "settled_on": day(row.settled_on),
    }


def _cents(batches: Iterable[Batch]) -> int:
    return sum(batch.cents for batch in batches)


def _named(row: Model) -> Told:
    kind = "file" if isinstance(row, BankFile) else row._meta.model_name
    return {"object": kind, "id": str(row.pk), "livemode": settings.LIVE_MODE}


def _arrived(row: Return | Correction) -> Told:
    return {
        "file": str(row.file_id),
        "banking_on": day(row.banking_on),
        "received_at": instant(row.received_at),
    }


def _about(entry: Entry | None) -> Told:
    """Whose; nothing where it names no entry of ours."""
    payment = entry.payment if entry else None
    order = payment.order if payment else None
    return {
        "payment": str(payment.pk) if payment else None,
        "order": str(order.pk) if order else None,
        "batch_id": str(order.submission_id) if order and order.submission_id else None,
        "external_id": (order.external_id or None) if order else None,
        "tenant": order.tenant.external_id if order else None,
        "lease": order.lease.external_id if order else None,
    }


def _is_secret(entry: Entry | None) -> bool:
    """The cents of micro-deposits prove whose account it is: only its holder may know them."""
    return bool(entry and entry.payment and entry.payment.purpose == Purpose.MICRO_DEPOSIT)
