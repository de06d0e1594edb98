"""Bank accounts and permissions over them: tokens and states, no number, no name."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from housing_ach.api.shown.base import day, instant
from housing_ach.mandates.models import BankAccount, Mandate, MandateText


def accounts() -> QuerySet[BankAccount]:
    return BankAccount.objects.select_related("tenant")


def mandates() -> QuerySet[Mandate]:
    return Mandate.objects.select_related("tenant", "lease", "bank_account", "text")


def accounts_of(rows: Iterable[BankAccount]) -> list[dict[str, Any]]:
    return [
        {
            "object": "bank_account",
            "id": str(row.pk),
            "livemode": settings.LIVE_MODE,
            "token": str(row.token),
            "tenant": row.tenant.external_id,
            "account_type": row.account_type.lower(),
            "last_four": row.last_four or None,
            "status": row.status.lower(),
            "verification": row.verification.lower(),
            "verified_by": row.verification_method.lower() or None,
            "verified_on": day(row.verified_on),
            "version": row.version,
            "created_at": instant(row.created_at),
        }
        for row in rows
    ]


def mandates_of(rows: Iterable[Mandate]) -> list[dict[str, Any]]:
    return [
        {
            "object": "mandate",
            "id": str(row.pk),
            "livemode": settings.LIVE_MODE,
            "tenant": row.tenant.external_id,
            "lease": row.lease.external_id,
            "bank_account": str(row.bank_account.token),
            "status": row.status.lower(),
            "channel": row.channel.lower(),
            "sec_code": row.sec_code,
            "text_version": row.text.version,
            "recurring": row.recurring,
            "min_amount": row.min_cents,
            "max_amount": row.max_cents,
            "currency": "USD",
            "roll": row.roll.lower(),
            "signed_at": instant(row.signed_at),
            "revoked_at": instant(row.revoked_at),
        }
        for row in rows
    ]


def texts_of(rows: Iterable[MandateText]) -> list[dict[str, Any]]:
    return [
        {
            "object": "mandate_text",
            "id": str(row.pk),
            "livemode": settings.LIVE_MODE,
            "version": row.version,
            "language": row.language,
            "body": row.body,
            "sha256": row.sha256,
        }
        for row in rows
    ]
