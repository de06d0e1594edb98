"""Settled is not final: money counts as kept once the bank's days for returns have been read."""

from datetime import date, datetime

from housing_ach.audit.move import move_all
from housing_ach.bank.models import BankProfile
from housing_ach.batches.models import Entry, Evidence
from housing_ach.batches.states import EntryStatus, EvidenceKind
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.business_days import add_banking_days


def clear(*, on: date, at: datetime) -> int:
    """SETTLED payments whose `clear_after` banking days passed, each with the bank's word on returns."""
    return sum(_clear_of(profile, on=on) for profile in BankProfile.objects.order_by("pk"))


def _clear_of(profile: BankProfile, *, on: date) -> int:
    waiting = Entry.objects.filter(
        status=EntryStatus.SETTLED,
        payment__status=PaymentStatus.SETTLED,
        batch__company__profile=profile,
    )
    settlement_days = waiting.order_by().values_list("settled_on", flat=True).distinct()
    ready = [day for day in settlement_days if day and _is_clear(profile, day, on)]
    payments = waiting.filter(settled_on__in=ready).order_by("payment_id")
    ids = list(payments.values_list("payment_id", flat=True))
    return len(move_all(Payment, PaymentStatus.CLEARED, ids=ids))


def _is_clear(profile: BankProfile, settled_on: date, on: date) -> bool:
    days = {add_banking_days(settled_on, n) for n in range(1, profile.clear_after + 1)}
    if max(days) > on:
        return False
    read = Evidence.objects.filter(
        kind=EvidenceKind.RETURNS_READ, profile=profile, banking_on__in=days
    )
    return set(read.values_list("banking_on", flat=True)) == days
