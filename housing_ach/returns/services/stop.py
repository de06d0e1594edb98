"""What a return does to the permission, and to payments that were planned on it."""

from datetime import datetime

from django.db.models import Q

from housing_ach.batches.models import Entry
from housing_ach.batches.services import eject_all
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.states import CaseKind
from housing_ach.mandates import services as mandates
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.states import AccountStatus, MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.returns.policy import Effect

STOPPED = Q(mandate__status__in=(MandateStatus.BLOCKED, MandateStatus.REVOKED)) | Q(
    bank_account__status__in=(AccountStatus.BLOCKED, AccountStatus.CLOSED)
)
PLANNED = (PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED)
WHY = "its authorization or bank account was stopped"


def stop(effect: Effect, payment: Payment, *, reason: str, at: datetime) -> None:
    """Block, close or revoke at once: from now on nothing is frozen into a file."""
    account, mandate = payment.bank_account, payment.mandate
    if account is None:
        return
    match effect:
        case Effect.NONE:
            return
        case Effect.BLOCK_MANDATE | Effect.REVOKE_MANDATE:
            if mandate is not None:
                _stop_mandate(effect, mandate, reason=reason, at=at)
        case Effect.BLOCK_ACCOUNT:
            mandates.block_account(account, reason)
        case Effect.CLOSE_ACCOUNT:
            mandates.close_account(account, reason)
        case Effect.BLOCK_PAYER:
            _block_payer(payment, reason)


def _stop_mandate(effect: Effect, mandate: Mandate, *, reason: str, at: datetime) -> None:
    act = mandates.block if effect == Effect.BLOCK_MANDATE else mandates.revoke
    act(mandate, reason, at)


def hold_stopped(*, at: datetime) -> None:
    """Hold with a Case whatever is planned on a stopped permission, even in a draft batch.

    In a transaction of its own, after the one that stopped it: freezing locks batches before
    accounts. A process that dies in between leaves the rest to the next look, or to the freeze.
    """
    batched = Entry.objects.filter(
        payment__in=Payment.objects.filter(STOPPED, status=PaymentStatus.BATCHED),
        status=EntryStatus.PLANNED,
    )
    ids = list(batched.order_by("pk").values_list("pk", flat=True))
    eject_all(dict.fromkeys(ids, (CaseKind.MANDATE, WHY)), at=at)
    planned = Payment.objects.filter(STOPPED, status__in=PLANNED).order_by("pk")
    hold(list(planned.values_list("pk", flat=True)), kind=CaseKind.MANDATE, reason=WHY, at=at)


def _block_payer(payment: Payment, reason: str) -> None:
    for account in BankAccount.objects.filter(
        tenant=payment.tenant_id, status=AccountStatus.OPEN
    ).order_by("pk"):
        mandates.block_account(account, reason)
