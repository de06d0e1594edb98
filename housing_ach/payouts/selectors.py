"""What a page shows of a verification by micro-deposits; the amounts are never among it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import AccountStatus, VerificationStatus
from housing_ach.payouts.models import TRIES, MicroDeposits
from housing_ach.payouts.states import UNDER_WAY, FailedWhy, MicroDepositStatus

# Calendar days after they arrived in which the amounts can be told.
EXPIRES = timedelta(days=10)
MOST_STARTS = 3
STARTS_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class VerificationState:
    """`state` is None where micro-deposits were never asked for.

    `arrives_on` is the banking date planned, until they have arrived; `why` is a sentence for the holder.
    """

    state: MicroDepositStatus | None = None
    tries_left: int = TRIES
    arrives_on: date | None = None
    expires_on: date | None = None
    why: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def awaits_input(self) -> bool:
        return self.state == MicroDepositStatus.AWAITING_INPUT


def verification_state(bank_account: BankAccount) -> VerificationState:
    """Of the account's newest micro-deposits, in one query."""
    rows = MicroDeposits.objects.filter(bank_account=bank_account).order_by("-pk")
    told = rows.values(
        "status",
        "failed_why",
        "expires_on",
        tried=Count("tries", distinct=True),
        due_on=Max("order__payments__effective_on"),
    ).first()
    return _state(**told) if told else VerificationState()


def _state(
    *, status: str, failed_why: str, expires_on: date | None, tried: int, due_on: date
) -> VerificationState:
    under_way = status in UNDER_WAY
    arrives_on = due_on if under_way and expires_on is None else None
    return VerificationState(
        state=MicroDepositStatus(status),
        tries_left=TRIES - tried if under_way else 0,
        arrives_on=arrives_on,
        expires_on=arrives_on + EXPIRES if arrives_on else expires_on,
        why=str(FailedWhy(failed_why).label) if failed_why else "",
    )


def can_start(bank_account: BankAccount, *, at: datetime) -> bool:
    """Whether a page offers to begin, or to begin again."""
    return (
        bank_account.status == AccountStatus.OPEN
        and bank_account.verification != VerificationStatus.VERIFIED
        and not bank_account.micro_deposits.under_way().exists()
        and starts_lately(bank_account, at=at) < MOST_STARTS
    )


def starts_lately(bank_account: BankAccount, *, at: datetime) -> int:
    since = at - STARTS_WITHIN
    return MicroDeposits.objects.filter(bank_account=bank_account, order__made_at__gt=since).count()
