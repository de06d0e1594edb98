"""Two small credits to an account, for its holder to tell their amounts (Nacha: micro-entries)."""

from collections.abc import Iterator
from datetime import datetime
from random import SystemRandom

from django.db import transaction

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import NotAParty, start_verification
from housing_ach.mandates.states import Channel, VerificationMethod, VerificationStatus
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors import content_sha
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus, Purpose
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.selectors import MOST_STARTS, STARTS_WITHIN, starts_lately
from housing_ach.payouts.services.follow import follow
from housing_ach.payouts.services.refusals import AlreadyVerified, TooManyStarts
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import Lease, LeaseShare
from housing_ach.tenants.services import require_live, require_offered
from housing_ach.users.models import User

CENTS = range(1, 100)


@transaction.atomic
def start_micro_deposits(
    *, bank_account: BankAccount, lease: Lease, by: User, at: datetime
) -> MicroDeposits:
    """Two credits of 1 to 99 cents, paid by the lease's operating fund; the account is PENDING meanwhile.

    Those under way are given back. Raises AlreadyVerified, AccountNotOpen, NotAParty, NotLive,
    NotOffered or TooManyStarts.
    """
    follow(MicroDeposits.objects.filter(bank_account=bank_account), at=at)
    account = BankAccount.objects.select_for_update().get(pk=bank_account.pk)
    if under_way := account.micro_deposits.under_way().first():
        return under_way
    _check(account, lease, at=at)
    start_verification(account)
    bank_account.refresh_from_db()
    order = Order.objects.create(
        kind=OrderKind.MICRO_DEPOSIT,
        tenant=account.tenant,
        lease=lease,
        # As of a prenote: nobody asked for an amount, and their sum is nobody's to know.
        cents=0,
        made_by=by,
        made_at=at,
    )
    payments = list(_payments(order, account, at))
    for payment in payments:
        payment.content_sha = content_sha(payment, [])
        payment.save(force_insert=True)
    tell_made([payment.pk for payment in payments])
    return MicroDeposits.objects.create(bank_account=account, order=order)


def _check(account: BankAccount, lease: Lease, *, at: datetime) -> None:
    if account.verification == VerificationStatus.VERIFIED:
        raise AlreadyVerified(
            f"bank_account: ••{account.last_four} is verified", field="bank_account"
        )
    if not LeaseShare.objects.filter(lease=lease, tenant=account.tenant_id).exists():
        raise NotAParty(
            f"lease: {account.tenant} has no share of {lease}", field="lease", ids=[lease.pk]
        )
    require_live(lease)
    require_offered(lease, VerificationMethod.MICRO_DEPOSIT)
    if starts_lately(account, at=at) >= MOST_STARTS:
        raise TooManyStarts(
            f"bank_account: ••{account.last_four} had micro-deposits {MOST_STARTS} times"
            f" within {STARTS_WITHIN.days} days",
            field="bank_account",
            ids=[account.pk],
        )


def _payments(order: Order, account: BankAccount, at: datetime) -> Iterator[Payment]:
    """Two different amounts: every pair is equally likely."""
    fund = order.lease.unit.property.operating_fund
    for cents in SystemRandom().sample(CENTS, 2):
        yield Payment(
            order=order,
            fund=fund,
            tenant=order.tenant,
            lease=order.lease,
            bank_account=account,
            direction=Direction.CREDIT,
            purpose=Purpose.MICRO_DEPOSIT,
            sec_code=_sec_code(account),
            cents=cents,
            status=PaymentStatus.SCHEDULED,
            requested_on=new_york_date(at),
            effective_on=soonest_effective_date(fund.company.profile, at),
            made_by=order.made_by,
            made_at=at,
        )


def _sec_code(account: BankAccount) -> str:
    """WEB and TEL are for debits of consumers: a consumer is credited as PPD, a business as CCD."""
    is_business = account.mandates.filter(channel=Channel.CORPORATE).exists()
    return "CCD" if is_business else "PPD"
