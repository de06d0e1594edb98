"""What happens to payments, told in a line each; entries and files are batches' own tests."""

from datetime import date

from housing_ach.audit.move import move
from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.selectors import balance
from housing_ach.ledger.services import post
from housing_ach.payments.models import Allocation, Payment, PaymentTarget
from housing_ach.payments.services import allocate, unwind
from housing_ach.payments.states import PaymentStatus
from housing_ach.proof import books
from housing_ach.tenants.models import ChargeShare, LeaseShare
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from tests.factories import AT, LeaseFactory, MandateFactory, TenantFactory

DAY = date(2026, 3, 2)


def owe(lease, cents=1000_00, due_on=date(2026, 3, 1), kind=ChargeKind.RENT):
    """A charge; returns its shares by age."""
    charge = add_charge(lease=lease, kind=kind, cents=cents, due_on=due_on, at=AT)
    return list(ChargeShare.objects.filter(charge=charge).order_by("pk"))


def shared_lease(**fields):
    """A lease two tenants pay half each, and a mandate of each."""
    lease = LeaseFactory(**fields)
    second = TenantFactory()
    LeaseShare.objects.create(lease=lease, tenant=second, weight=1, starts_on=lease.starts_on)
    return lease, MandateFactory(lease=lease), MandateFactory(lease=lease, tenant=second)


def aim(payment, *shares):
    PaymentTarget.objects.bulk_create(
        PaymentTarget(payment=payment, share=share, cents=min(share.cents, payment.cents))
        for share in shares
    )


def send(*payments, on=DAY):
    """Debit SENT: 1100 / 2050."""
    for payment in payments:
        payer = Key(payment.fund_id, chart.PAYMENTS_PENDING, payment.tenant.party, payment.lease_id)
        transit = Key(payment.fund_id, chart.IN_TRANSIT, "batch:1")
        move(payment, PaymentStatus.BATCHED)
        move(payment, PaymentStatus.SENT)
        reference = f"story:{payment.pk}:{payment.retries}:sent"
        line = Line(transit, payer, payment.cents, reference)
        post([Draft("SENT", payment.fund_id, on, "story", payment.pk, [line])], at=AT)


def settle(*payments, on=DAY):
    send(*payments, on=on)
    for payment in payments:
        first = {} if payment.first_settled_on else {"first_settled_on": on}
        move(payment, PaymentStatus.SETTLED, **first)
    allocate([payment.pk for payment in payments], on=on, at=AT)


def give_back(payment, on=DAY):
    """Read after the settlement, to be charged by batch 1."""
    cents = unwind(payment, against=to_be_charged(payment), on=on, at=AT)
    move(payment, PaymentStatus.RETURNED)
    return cents


def to_be_charged(payment):
    return Key(payment.fund_id, chart.RETURNS_TO_BE_CHARGED, "batch:1")


def places(payment):
    """Share (None: kept ahead) to the live cents of the payment on it."""
    live = Allocation.objects.live().filter(payment=payment)
    return dict(live.values_list("share", "cents"))


def booked(payment, number, tenant=None):
    """Debits less credits of a lease's account in the payment's fund."""
    party = (tenant or payment.tenant).party
    return balance(Key(payment.fund_id, number, party, payment.lease_id))


def offenders():
    """Of the invariants I1, I2, I4 and I7."""
    found = books.zero_sum() + books.receivables() + books.settled_cents() + books.never_overdrawn()
    return [str(row) for row in found.offenders]


def status_of(payment):
    return Payment.objects.values_list("status", flat=True).get(pk=payment.pk)
