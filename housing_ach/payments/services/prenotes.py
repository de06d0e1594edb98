"""Prenotes: an entry of no cents asks the payer's bank whether the account is there (domain of Nacha 2.1)."""

from datetime import date, datetime

from django.db import connection, transaction

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import MandateInactive, mark_all_verified, start_verification
from housing_ach.mandates.states import MandateStatus, VerificationMethod
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors import content_sha
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus, Purpose
from housing_ach.shared.business_days import (
    add_banking_days,
    new_york_date,
    roll_backward,
)
from housing_ach.tenants.services import require_live, require_offered
from housing_ach.users.models import User
from housing_ach.users.states import SYSTEM_EMAIL

# Nacha: a live entry goes from the third banking day after the prenote's settlement.
WAIT = 3
SENDABLE = frozenset({MandateStatus.PENDING_VERIFICATION, MandateStatus.ACTIVE})
# CLEARED: the bank's returns of every banking day since were read, so that silence means something.
# A correction makes a new version of the account, and a prenote of the old one proves nothing.
UNANSWERED = """
    SELECT b.id FROM mandates_bankaccount b
    WHERE b.verification = 'PENDING' AND b.status = 'OPEN' AND EXISTS (
        SELECT FROM payments_payment p
        WHERE p.bank_account_id = b.id AND p.purpose = 'PRENOTE'
            AND p.status = 'CLEARED' AND p.first_settled_on <= %s
            AND NOT EXISTS (
                SELECT FROM mandates_bankaccountversion v
                WHERE v.account_id = b.id AND v.created_at > p.made_at
            )
    )
    ORDER BY b.id FOR NO KEY UPDATE
"""


@transaction.atomic
def send_prenote(*, mandate: Mandate, by: User, at: datetime) -> Order:
    """Its account waits from now on. One on its way for the account as it is, is given back.

    Raises MandateInactive, NotLive or NotOffered; the system asks again after a correction whatever
    payers are offered.
    """
    account = BankAccount.objects.select_for_update().get(pk=mandate.bank_account_id)
    mandate.refresh_from_db()
    if mandate.status not in SENDABLE:
        raise MandateInactive(
            f"mandate: #{mandate.pk} is {mandate.status}", field="mandate", ids=[mandate.pk]
        )
    since = account.versions.latest("version").created_at
    under_way = Payment.objects.in_flight().filter(
        bank_account=account, purpose=Purpose.PRENOTE, made_at__gte=since
    )
    if found := under_way.select_related("order").first():
        return found.order
    if by.email != SYSTEM_EMAIL:
        require_live(mandate.lease)
        require_offered(mandate.lease, VerificationMethod.PRENOTE)
    start_verification(account)
    return _made(mandate, account, by=by, at=at)


@transaction.atomic
def finish_prenotes(*, on: date, at: datetime) -> int:
    """Verify accounts whose prenote settled three banking days ago, cleared, and was not corrected."""
    settled_by = add_banking_days(roll_backward(on), -WAIT)
    with connection.cursor() as cursor:
        cursor.execute(UNANSWERED, [settled_by])
        accounts = [pk for (pk,) in cursor.fetchall()]
    return len(mark_all_verified(accounts, method=VerificationMethod.PRENOTE, on=on))


def _made(mandate: Mandate, account: BankAccount, *, by: User, at: datetime) -> Order:
    order = Order.objects.create(
        kind=OrderKind.PRENOTE,
        tenant=mandate.tenant,
        lease=mandate.lease,
        cents=0,
        made_by=by,
        made_at=at,
    )
    fund = mandate.lease.unit.property.operating_fund
    payment = Payment(
        order=order,
        fund=fund,
        tenant=mandate.tenant,
        lease=mandate.lease,
        mandate=mandate,
        bank_account=account,
        direction=Direction.DEBIT,
        purpose=Purpose.PRENOTE,
        sec_code=mandate.sec_code,
        cents=0,
        status=PaymentStatus.SCHEDULED,
        requested_on=new_york_date(at),
        effective_on=soonest_effective_date(fund.company.profile, at),
        made_by=by,
        made_at=at,
    )
    payment.content_sha = content_sha(payment, [])
    payment.save(force_insert=True)
    tell_made([payment.pk])
    return order
