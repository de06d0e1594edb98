"""What a return does to the permission, and to payments that were planned on it."""

from datetime import datetime

from django.db.models import Q

from housing_ach.batches.models import Entry
from housing_ach.batches.services import eject_all
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.states import CaseKind
from housing_ach.mandates import services as mandates
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import AccountStatus, MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.returns.policy import Effect

STOPPED_MANDATE = (MandateStatus.BLOCKED, MandateStatus.REVOKED, MandateStatus.EXPIRED)
STOPPED_ACCOUNT = (AccountStatus.BLOCKED, AccountStatus.CLOSED)
PLANNED = (PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED)


def stop(effect: Effect, payment: Payment, *, reason: str, at: datetime) -> None:
    """Block, close or revoke at once, and hold with a Case what would still have gone out."""
    account, mandate = payment.bank_account, payment.mandate
    if account is None or mandate is None or effect == Effect.NONE:
        return
    match effect:
        case Effect.BLOCK_MANDATE:
            mandates.block(mandate, reason, at)
        case Effect.REVOKE_MANDATE:
            mandates.revoke(mandate, reason, at)
        case Effect.BLOCK_ACCOUNT:
            mandates.block_account(account, reason)
        case Effect.CLOSE_ACCOUNT:
            mandates.close_account(account, reason)
        case Effect.BLOCK_PAYER:
            _block_payer(payment, reason)
    hold_stopped(payment.tenant_id, reason=reason, at=at)


def hold_stopped(tenant_id: int, *, reason: str, at: datetime) -> None:
    """The payer's payments on a stopped mandate or account, planned or already in a draft batch."""
    no_longer = Q(mandate__status__in=STOPPED_MANDATE) | Q(bank_account__status__in=STOPPED_ACCOUNT)
    stopped = Payment.objects.filter(no_longer, tenant=tenant_id)
    entries = Entry.objects.filter(payment__in=stopped, status=EntryStatus.PLANNED)
    batched = list(entries.order_by("pk").values_list("pk", flat=True))
    eject_all(dict.fromkeys(batched, (CaseKind.MANDATE, reason)), at=at)
    planned = stopped.filter(status__in=PLANNED).order_by("pk").values_list("pk", flat=True)
    hold(list(planned), kind=CaseKind.MANDATE, reason=reason, at=at)


def _block_payer(payment: Payment, reason: str) -> None:
    for account in BankAccount.objects.filter(
        tenant=payment.tenant_id, status=AccountStatus.OPEN
    ).order_by("pk"):
        mandates.block_account(account, reason)
