"""Settled is not final: money counts as kept once the bank's days for returns have been read."""

from datetime import date, datetime

from django.db.models import QuerySet

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


def unread_days(profile: BankProfile, settled_on: date) -> set[date]:
    """The banking days after a settlement for which the bank's word on returns has not been read."""
    days = {add_banking_days(settled_on, n) for n in range(1, profile.clear_after + 1)}
    read = Evidence.objects.filter(
        kind=EvidenceKind.RETURNS_READ, profile=profile, banking_on__in=days
    )
    return days - set(read.values_list("banking_on", flat=True))


def waiting_days(profile: BankProfile) -> list[date]:
    """On which that settled what has not cleared."""
    days = _waiting(profile).order_by().values_list("settled_on", flat=True).distinct()
    return sorted(day for day in days if day)


def _clear_of(profile: BankProfile, *, on: date) -> int:
    ready = [day for day in waiting_days(profile) if _is_clear(profile, day, on)]
    payments = _waiting(profile).filter(settled_on__in=ready).order_by("payment_id")
    ids = list(payments.values_list("payment_id", flat=True))
    return len(move_all(Payment, PaymentStatus.CLEARED, ids=ids))


def _waiting(profile: BankProfile) -> QuerySet[Entry]:
    return Entry.objects.filter(
        status=EntryStatus.SETTLED,
        payment__status=PaymentStatus.SETTLED,
        batch__company__profile=profile,
    )


def _is_clear(profile: BankProfile, settled_on: date, on: date) -> bool:
    last = add_banking_days(settled_on, profile.clear_after)
    return last <= on and not unread_days(profile, settled_on)
