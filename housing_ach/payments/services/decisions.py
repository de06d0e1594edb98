"""What people decide about a payment that is not with the bank yet."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from housing_ach.audit.move import move, move_all
from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.cases.models import Case
from housing_ach.cases.services import NewCase, open_cases, resolve
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.services import require_active, revoke
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import can_cancel, content_sha
from housing_ach.payments.services.made import PAYMENT
from housing_ach.payments.services.notices import hand_over, held_with, require_told
from housing_ach.payments.services.refusals import ContentChanged, NoReason, SamePerson, TooLate
from housing_ach.payments.states import CANCELLABLE, IN_FLIGHT, PaymentStatus, Purpose
from housing_ach.users.models import User

REASON = 200
# A decision about the payment ends these; a return or missing trust money is another matter.
HOLDING = (
    CaseKind.LIMIT,
    CaseKind.DUPLICATE,
    CaseKind.MANDATE,
    CaseKind.NOTICE_REQUIRED,
    CaseKind.HOLD,
    CaseKind.ENTRY_EJECTED,
)
NOT_SENT = (PaymentStatus.AWAITING_APPROVAL, PaymentStatus.SCHEDULED, PaymentStatus.BATCHED)


class Revoked(NamedTuple):
    """What revoking a mandate stopped, and what it could not stop any more."""

    cancelled: list[int]
    under_way: list[int]


@transaction.atomic
def approve(payment: Payment, *, by: User, at: datetime) -> None:
    """A second person agrees to the payment as it is. Raises SamePerson, ContentChanged, IllegalMove."""
    _require_second(payment, by)
    targets = payment.targets.order_by("share_id").values_list("share_id", "cents")
    if content_sha(payment, list(targets)) != payment.content_sha:
        raise ContentChanged(
            f"payment: #{payment.pk} is not what was asked for", field="payment", ids=[payment.pk]
        )
    move(
        payment,
        PaymentStatus.SCHEDULED,
        approved_by=by,
        approved_at=at,
        approved_sha=payment.content_sha,
        effective_on=_reachable(payment, at),
    )


@transaction.atomic
def hold(
    payment_ids: Sequence[int],
    *,
    kind: CaseKind,
    reason: str,
    at: datetime,
    from_: Collection[str] = NOT_SENT,
) -> list[int]:
    """Hold those that can still be held, with a Case each; returns them.

    What the bank has is held only where its rejection says so: `from_` then names SENT.
    """
    held = move_all(
        Payment,
        PaymentStatus.HELD,
        ids=sorted(payment_ids),
        from_=from_,
        data={"reason": reason[:REASON]},
    )
    told = Payment.objects.filter(pk__in=held).exclude(purpose=Purpose.MICRO_DEPOSIT)
    cents = dict(told.values_list("pk", "cents"))
    open_cases(
        [
            NewCase(kind, PAYMENT, pk, f"Payment held: {reason}", cents=cents.get(pk, 0))
            for pk in held
        ],
        at=at,
    )
    return held


@transaction.atomic
def release(payment: Payment, *, by: User, reason: str, at: datetime) -> None:
    """A person lets a held payment go on; limits do not stop it again, all else may.

    What waits for the same notice goes with it. Raises SamePerson, NoReason, MandateInactive,
    AccountNotOpen, NotVerified, NoticeRequired or IllegalMove.
    """
    words = _words(reason)
    _require_second(payment, by)
    if payment.mandate and payment.purpose != Purpose.PRENOTE:
        require_active(payment.mandate)
    ids, effective_on = held_with(payment), _reachable(payment, at)
    require_told(ids, on=effective_on, at=at)
    others = Payment.objects.filter(pk__in=ids).exclude(pk=payment.pk).order_by("pk")
    for each in (payment, *others):
        waits = each.needs_approval and each.approved_by_id is None
        move(
            each,
            PaymentStatus.AWAITING_APPROVAL if waits else PaymentStatus.SCHEDULED,
            data={"reason": words},
            released_by=by,
            released_at=at,
            effective_on=effective_on,
        )
    resolve_cases(ids, by=by, resolution=f"Released: {words}", at=at)


@transaction.atomic
def cancel(payment: Payment, *, by: User, reason: str, at: datetime) -> None:
    """Until its file is written: then, and when the bank has it, TooLate tells the cut-off. A batch not
    yet frozen ejects its entry by itself. Raises NoReason too.
    """
    words = _words(reason)
    Payment.objects.select_for_update().get(pk=payment.pk)
    can = can_cancel(payment)
    if not can.ok:
        closed = can.cut_off_at
        since = f": its file closed at {closed:%Y-%m-%d %H:%M} UTC" if closed else ""
        raise TooLate(
            f"payment: #{payment.pk} is {payment.status} and cannot be stopped{since}",
            field="payment",
            ids=[payment.pk],
        )
    move(payment, PaymentStatus.CANCELLED, data={"reason": words})
    hand_over(payment, at=at)
    resolve_cases([payment.pk], by=by, resolution=f"Cancelled: {words}", at=at)


@transaction.atomic
def revoke_mandate(mandate: Mandate, *, by: User, reason: str, at: datetime) -> Revoked:
    """End the permission, cancel what is not sent, and tell what cannot be stopped."""
    words = _words(reason)
    revoke(mandate, words, at)
    payments = Payment.objects.filter(mandate=mandate)
    cancelled = move_all(
        payments, PaymentStatus.CANCELLED, from_=CANCELLABLE, data={"reason": words}
    )
    resolve_cases(cancelled, by=by, resolution=f"Mandate revoked: {words}", at=at)
    under_way = payments.filter(status__in=IN_FLIGHT).order_by("pk")
    return Revoked(cancelled, list(under_way.values_list("pk", flat=True)))


def _require_second(payment: Payment, by: User) -> None:
    if payment.made_by_id == by.pk:
        raise SamePerson(f"payment: #{payment.pk} was made by {by}", field="by", ids=[payment.pk])


def _words(reason: str) -> str:
    words = reason.strip()
    if not 0 < len(words) <= REASON:
        raise NoReason(f"reason: say why in 1 to {REASON} characters", field="reason")
    return words


def _reachable(payment: Payment, at: datetime) -> date:
    return max(payment.effective_on, soonest_effective_date(payment.fund.company.profile, at))


def resolve_cases(payment_ids: Sequence[int], *, by: User, resolution: str, at: datetime) -> None:
    ids = [str(pk) for pk in payment_ids]
    held = Case.objects.open().filter(kind__in=HOLDING, subject=PAYMENT, subject_id__in=ids)
    for case in held.order_by("pk"):
        resolve(case, by=by, resolution=resolution, at=at)
