"""What became of the payments of micro-deposits. Looking again changes nothing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from housing_ach.audit.move import move_all
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import give_up_verification
from housing_ach.payments.models import Payment
from housing_ach.payments.services import cancel
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.selectors import EXPIRES
from housing_ach.payouts.states import UNDER_WAY, WHY_OF_CODE, FailedWhy, MicroDepositStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.users.services import system_user

ARRIVED = (PaymentStatus.SETTLED, PaymentStatus.CLEARED)
SENT = (PaymentStatus.SENT, PaymentStatus.ACCEPTED, *ARRIVED)
NOT_SENT = (
    PaymentStatus.HELD,
    PaymentStatus.AWAITING_APPROVAL,
    PaymentStatus.SCHEDULED,
    PaymentStatus.BATCHED,
)
GONE = {
    PaymentStatus.CANCELLED: FailedWhy.STOPPED,
    PaymentStatus.REJECTED: FailedWhy.NOT_TAKEN,
    PaymentStatus.RETURNED: FailedWhy.SENT_BACK,
}


def follow_micro_deposits(*, at: datetime) -> None:
    """All that are under way."""
    follow(MicroDeposits.objects.all(), at=at)


@transaction.atomic
def follow(rows: QuerySet[MicroDeposits], *, at: datetime) -> None:
    """Sent and arrived when both are, failed when one is gone, expired when nobody told the amounts."""
    for status, why in GONE.items():
        gone = Payment.objects.filter(order=OuterRef("order_id"), status=status)
        _fail(_keys(rows.filter(Exists(gone), status__in=UNDER_WAY)), why, at=at)
    both_sent = rows.exclude(Exists(_others(SENT))).filter(status=MicroDepositStatus.UNSENT)
    move_all(MicroDeposits, MicroDepositStatus.SENT, ids=_keys(both_sent))
    for settled_on, ids in _arrived(rows).items():
        move_all(
            MicroDeposits,
            MicroDepositStatus.AWAITING_INPUT,
            ids=ids,
            expires_on=settled_on + EXPIRES,
        )
    _expire(rows.filter(expires_on__lt=new_york_date(at)))


@transaction.atomic
def fail_returned(payment: Payment, *, code: str, at: datetime) -> None:
    """The account's bank sent one of them back, whenever it did. The caller has the payment locked."""
    rows = MicroDeposits.objects.filter(order=payment.order_id)
    _fail(_keys(rows), WHY_OF_CODE.get(code, FailedWhy.SENT_BACK), at=at)


def lock_accounts(rows: QuerySet[MicroDeposits]) -> list[int]:
    """Order of locks: payments, accounts, micro-deposits."""
    accounts = BankAccount.objects.filter(pk__in=rows.values("bank_account"))
    return list(accounts.select_for_update().order_by("pk").values_list("pk", flat=True))


def _keys(rows: QuerySet[MicroDeposits]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _others(statuses: Sequence[str]) -> QuerySet[Payment]:
    return Payment.objects.filter(order=OuterRef("order_id")).exclude(status__in=statuses)


def _arrived(rows: QuerySet[MicroDeposits]) -> dict[date, list[int]]:
    """By the day on which the second of them settled."""
    both = rows.exclude(Exists(_others(ARRIVED))).filter(status=MicroDepositStatus.SENT)
    days = both.annotate(on=Max("order__payments__first_settled_on")).values_list("pk", "on")
    found: defaultdict[date, list[int]] = defaultdict(list)
    for pk, on in days:
        found[on].append(pk)
    return dict(found)


def _expire(rows: QuerySet[MicroDeposits]) -> None:
    due = _keys(rows.filter(status=MicroDepositStatus.AWAITING_INPUT))
    if not due:
        return
    lock_accounts(MicroDeposits.objects.filter(pk__in=due))
    expired = move_all(MicroDeposits, MicroDepositStatus.EXPIRED, ids=due)
    _give_up(expired)


def _fail(ids: Sequence[int], why: FailedWhy, *, at: datetime) -> None:
    """For good, and one that was not sent yet stays here."""
    if not ids:
        return
    rows = MicroDeposits.objects.filter(pk__in=ids)
    of_rows = Payment.objects.filter(order__in=rows.values("order")).order_by("pk")
    payments = list(of_rows.select_for_update())
    lock_accounts(rows)
    _give_up(move_all(MicroDeposits, MicroDepositStatus.FAILED, ids=ids, failed_why=why))
    for payment in payments:
        if payment.status in NOT_SENT:
            cancel(payment, by=system_user(), reason=str(why.label), at=at)


def _give_up(ids: Sequence[int]) -> None:
    accounts = BankAccount.objects.filter(micro_deposits__in=ids).order_by("pk")
    give_up_verification(list(accounts.values_list("pk", flat=True)))
