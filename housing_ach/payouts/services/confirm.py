"""The holder of the account tells the two amounts."""

import hmac
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import give_up_verification, mark_verified, require_open
from housing_ach.mandates.states import VerificationMethod
from housing_ach.payments.models import Payment
from housing_ach.payouts.models import TRIES, MicroDeposits
from housing_ach.payouts.services.follow import ARRIVED, follow
from housing_ach.payouts.services.refusals import (
    BadAmounts,
    MicroDepositsExpired,
    NotAwaitingAmounts,
    WrongAmounts,
)
from housing_ach.payouts.services.start import CENTS
from housing_ach.payouts.states import FailedWhy, MicroDepositStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User


def confirm_micro_deposits(
    *, bank_account: BankAccount, cents: tuple[int, int], by: User, at: datetime
) -> MicroDeposits:
    """In any order. The account is verified then, and the mandates that waited for it are active.

    Raises BadAmounts, NotAwaitingAmounts, AccountNotOpen, WrongAmounts or MicroDepositsExpired. A wrong
    try is committed before it is refused, so that this never runs inside a transaction. Telling them
    again when they were right does nothing.
    """
    if len(cents) != 2 or not all(amount in CENTS for amount in cents):
        raise BadAmounts("cents: two amounts of 1 to 99 cents are asked for", field="cents")
    with transaction.atomic(durable=True):
        row, refusal = _take(bank_account, cents, by=by, at=at)
    bank_account.refresh_from_db()
    if refusal:
        raise refusal
    return row


def _take(
    bank_account: BankAccount, cents: tuple[int, int], *, by: User, at: datetime
) -> tuple[MicroDeposits, Refusal | None]:
    """What is to be kept is done; what is to be refused after that is given back."""
    follow(MicroDeposits.objects.filter(bank_account=bank_account), at=at)
    account = BankAccount.objects.select_for_update().get(pk=bank_account.pk)
    row = account.micro_deposits.select_for_update().order_by("-pk").first()
    if row is None:
        raise NotAwaitingAmounts(
            f"bank_account: ••{account.last_four} was sent no micro-deposits", field="bank_account"
        )
    if row.status == MicroDepositStatus.VERIFIED:
        return row, None
    if row.status == MicroDepositStatus.EXPIRED:
        told = f"bank_account: the amounts could be told until {row.expires_on}"
        return row, MicroDepositsExpired(told, field="bank_account", ids=[row.pk])
    truth = _awaited(row)
    require_open(account)
    if _same(cents, truth):
        _keep_try(row, right=True, by=by, at=at)
        move(row, MicroDepositStatus.VERIFIED, verified_at=at)
        mark_verified(account, method=VerificationMethod.MICRO_DEPOSIT, on=new_york_date(at))
        return row, None
    return row, _wrong(row, _keep_try(row, right=False, by=by, at=at))


def _awaited(row: MicroDeposits) -> list[int]:
    payments = Payment.objects.filter(order=row.order_id)
    if row.status != MicroDepositStatus.AWAITING_INPUT or payments.exclude(status__in=ARRIVED):
        raise NotAwaitingAmounts(
            f"bank_account: its micro-deposits are {row.status}",
            field="bank_account",
            ids=[row.pk],
        )
    return list(payments.values_list("cents", flat=True))


def _same(told: Iterable[int], truth: Iterable[int]) -> bool:
    """In the same time whatever is wrong."""
    return hmac.compare_digest(bytes(sorted(told)), bytes(sorted(truth)))


def _keep_try(row: MicroDeposits, *, right: bool, by: User, at: datetime) -> int:
    """How many are left after it."""
    number = row.tries.count() + 1
    row.tries.create(number=number, right=right, by=by, at=at)
    return TRIES - number


def _wrong(row: MicroDeposits, tries_left: int) -> WrongAmounts:
    if not tries_left:
        move(row, MicroDepositStatus.FAILED, failed_why=FailedWhy.WRONG_AMOUNTS)
        give_up_verification([row.bank_account_id])
    return WrongAmounts(tries_left)
