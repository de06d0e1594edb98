"""What a payer should know before paying again (the same twice, or what is on its way already)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors.shares import open_shares
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.selectors import Partial, Setting, effective_policy

TWICE = timedelta(hours=24)
UNDONE = (PaymentStatus.CANCELLED, PaymentStatus.REJECTED, PaymentStatus.RETURNED)


class Payable(NamedTuple):
    """Of the payer's open charges: all, what is not on its way, and the least that may be paid now."""

    open_cents: int
    free_cents: int
    least_cents: int
    partial: Setting[Partial]
    under_way: tuple[Payment, ...]


def payable(*, tenant: Tenant, lease: Lease) -> Payable:
    shares = open_shares(lease=lease, tenant=tenant)
    free = sum(share.free_cents for share in shares)
    partial = effective_policy(lease=lease).partial
    return Payable(
        sum(share.open_cents for share in shares),
        free,
        partial.value.least_cents(free),
        partial,
        tuple(under_way(tenant=tenant, lease=lease)),
    )


def twin_of(*, tenant: Tenant, lease: Lease, cents: int, at: datetime) -> Order | None:
    """An order of the same payer and amount made within a day, unless it was undone."""
    recent = Order.objects.filter(
        kind__in=(OrderKind.AUTOPAY, OrderKind.ONE_TIME),
        tenant=tenant,
        lease=lease,
        cents=cents,
        made_at__gt=at - TWICE,
    )
    return recent.exclude(payments__status__in=UNDONE).order_by("pk").first()


def under_way(*, tenant: Tenant, lease: Lease) -> QuerySet[Payment]:
    """Debits that have not settled yet, the oldest first."""
    payments = Payment.objects.in_flight().filter(
        tenant=tenant, lease=lease, direction=Direction.DEBIT, cents__gt=0
    )
    return payments.select_related("bank_account").order_by("pk")
