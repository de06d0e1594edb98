"""A payment came back: its cents leave every place they are at, wherever that is now."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from operator import attrgetter

from django.db import transaction

from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.selectors import balance
from housing_ach.ledger.services import post
from housing_ach.payments.models import Payment, Release
from housing_ach.payments.services.locking import lock_leases
from housing_ach.payments.services.made import PAYMENT
from housing_ach.payments.services.places import LIVE_PLACES, Place, ask_places, draft_of
from housing_ach.payments.states import Freed
from housing_ach.shared.money import dollars


@transaction.atomic
def unwind(
    payment: Payment, *, against: Key, on: date, at: datetime, also: Sequence[Draft] = ()
) -> int:
    """Release the payment's live allocations, newest first, to `against`; returns the cents.

    Charges are open again as of their own due dates. Deposit money that has already left is missed
    in 1300, with a Case. `also` is posted in the same go. The caller has the payment locked.
    """
    lock_leases([payment.lease_id])
    places = ask_places(LIVE_PLACES, payment=payment.pk)
    Release.objects.bulk_create(
        Release(allocation_id=place.allocation_id, reason=Freed.RETURNED, made_at=at)
        for place in sorted(places, key=attrgetter("allocation_id"))
    )
    held: dict[Key, int] = {}
    lines = [line for place in places for line in _unwound(place, against, held)]
    drafts = [draft_of("UNWIND", payment.pk, lines, on=on)] if lines else []
    post([*also, *drafts], at=at)
    short = [line for line in lines if line.debit.number == chart.TRUST_SHORTAGE]
    _tell_shortage(payment, sum(line.cents for line in short), at=at)
    return sum(place.cents for place in places)


def _unwound(place: Place, against: Key, held: dict[Key, int]) -> Iterator[Line]:
    """`held` remembers what the payment's other deposits leave of each account of 2100."""
    reference = f"{place.reference}:returned"
    yield Line(place.key, against, place.cents, reference)
    if place.is_deposit:
        billed, kept = place.owers(chart.DEPOSITS_BILLED), place.owers(chart.DEPOSITS_HELD)
        there = held.setdefault(kept, max(0, -balance(kept)))
        back = min(place.cents, there)
        held[kept] -= back
        if back:
            yield Line(kept, billed, back, f"{reference}:held")
        if back < place.cents:
            short = place.owers(chart.TRUST_SHORTAGE)
            yield Line(short, billed, place.cents - back, f"{reference}:short")


def _tell_shortage(payment: Payment, cents: int, *, at: datetime) -> None:
    if cents:
        open_case(
            CaseKind.TRUST_SHORTAGE,
            PAYMENT,
            payment.pk,
            f"{dollars(cents)} of a returned deposit have left the trust fund already",
            at=at,
            suggested_fix="Fund the deposit trust from operating money today.",
            cents=cents,
        )
