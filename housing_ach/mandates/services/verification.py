"""Whether an account is verified, which is what its mandates wait for; how is told by those who ask."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from housing_ach.audit.move import move_all
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services.accounts import REASON, require_open
from housing_ach.mandates.states import (
    AccountStatus,
    MandateStatus,
    VerificationMethod,
    VerificationStatus,
)


def start_verification(account: BankAccount) -> None:
    """Live debits wait until the account's bank, or its holder, has answered. Raises AccountNotOpen."""
    require_open(account)
    _put(account, VerificationStatus.PENDING)


@transaction.atomic
def fail_verification(account: BankAccount, reason: str) -> None:
    """The account cannot be debited as it stands; mandates in force on it wait again."""
    _put(account, VerificationStatus.FAILED)
    move_all(
        Mandate.objects.filter(bank_account=account),
        MandateStatus.PENDING_VERIFICATION,
        data={"reason": reason[:REASON]},
    )


def give_up_verification(account_ids: Sequence[int]) -> None:
    """Nobody answered in time, or not rightly. One that was verified in another way stays so."""
    waiting = BankAccount.objects.filter(
        pk__in=account_ids, verification=VerificationStatus.PENDING
    )
    waiting.update(verification=VerificationStatus.FAILED)


def mark_verified(account: BankAccount, *, method: VerificationMethod, on: date) -> None:
    """Its mandates that waited for it become active."""
    mark_all_verified([account.pk], method=method, on=on)
    account.refresh_from_db()


@transaction.atomic
def mark_all_verified(
    account_ids: Sequence[int], *, method: VerificationMethod, on: date
) -> list[int]:
    """The open ones among the accounts become verified, and their waiting mandates active."""
    rows = BankAccount.objects.filter(pk__in=account_ids, status=AccountStatus.OPEN)
    ids = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    BankAccount.objects.filter(pk__in=ids).update(
        verification=VerificationStatus.VERIFIED, verification_method=method, verified_on=on
    )
    move_all(
        Mandate.objects.filter(bank_account__in=ids),
        MandateStatus.ACTIVE,
        from_=MandateStatus.PENDING_VERIFICATION,
    )
    return ids


def _put(account: BankAccount, status: VerificationStatus) -> None:
    account.verification = status
    account.save(update_fields=["verification"])
