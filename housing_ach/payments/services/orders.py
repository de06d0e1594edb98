"""Payments somebody asks for: checked whole before anything is written, then made whole."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack

from django.db import IntegrityError, transaction

from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Order, Payment, PaymentTarget, Submission
from housing_ach.payments.selectors import content_sha
from housing_ach.payments.services.judging import Grant, Part, judge, require_same
from housing_ach.payments.services.locking import lock_leases, lock_limits
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.services.wishes import Facts, Wish, facts_of
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.models import User

EXTERNAL_ID = "order_external_id_is_unique"


class Terms(TypedDict):
    """What else is said of one debit: see Wish."""

    cents: int
    requested_on: date
    kinds: NotRequired[Collection[ChargeKind] | None]
    needs_approval: NotRequired[bool]
    allow_duplicate: NotRequired[bool]
    external_id: NotRequired[str]


class SomeRefused(Exception):
    """Of wishes that only go together, some may not be granted: by their places."""

    def __init__(self, refusals: Mapping[int, Refusal]) -> None:
        super().__init__(f"{len(refusals)} refused")
        self.refusals = refusals


def pay_now(
    *,
    tenant: Tenant,
    lease: Lease,
    mandate: Mandate,
    by: User,
    at: datetime,
    **terms: Unpack[Terms],
) -> Order:
    """Debit the payer's own open charges, oldest first; one payment a fund.

    The same external id with the same content gives the same order. Refusals name the field:
    NotLive, NoAmount, NotAParty, MandateInactive, AccountNotOpen, NotVerified, OutsideMandate,
    DateNotAllowed, NothingOpen, PartNotAllowed, DuplicatePayment, OverLimit, ExternalIdTaken.
    """
    wish = Wish(tenant_id=tenant.pk, lease_id=lease.pk, mandate_id=mandate.pk, **terms)
    (outcome,) = pay_many([wish], by=by, at=at, partial=True)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def pay_many(
    wishes: Sequence[Wish],
    *,
    by: User,
    at: datetime,
    partial: bool = False,
    submission: Callable[[], Submission] | None = None,
) -> list[Order | Refusal]:
    """What became of each wish, in their order: its order, or why there is none.

    As many statements for ten thousand as for one. A wish is judged as if those before it were
    granted. Unless `partial`, one that is refused leaves nothing written, and SomeRefused names all.
    `submission` makes what the new orders belong to; where none is new it is not asked.
    """
    try:
        return _paid(wishes, by, at, partial, submission)
    except IntegrityError as problem:
        # Another request took an external id for other leases meanwhile: now it is known.
        if EXTERNAL_ID not in str(problem):
            raise
        return _paid(wishes, by, at, partial, submission)


@transaction.atomic
def _paid(
    wishes: Sequence[Wish],
    by: User,
    at: datetime,
    partial: bool,  # noqa: FBT001
    submission: Callable[[], Submission] | None,
) -> list[Order | Refusal]:
    lock_leases([wish.lease_id for wish in wishes])
    lock_limits()
    facts = facts_of(wishes, at=at)
    judged = [_judged(wish, facts) for wish in wishes]
    refusals = {place: said for place, said in enumerate(judged) if isinstance(said, Refusal)}
    if refusals and not partial:
        raise SomeRefused(refusals)
    grants = [said for said in judged if isinstance(said, Grant)]
    made = iter(_made(grants, by, at, submission))
    return [next(made) if isinstance(said, Grant) else said for said in judged]


def _judged(wish: Wish, facts: Facts) -> Grant | Order | Refusal:
    try:
        if wish.external_id in facts.known:
            require_same(wish, facts)
            return facts.known[wish.external_id]
        return judge(wish, facts)
    except Refusal as refusal:
        return refusal


def _made(
    grants: Sequence[Grant],
    by: User,
    at: datetime,
    submission: Callable[[], Submission] | None,
) -> list[Order]:
    row = submission() if submission and grants else None
    orders = Order.objects.bulk_create(
        Order(
            kind=OrderKind.ONE_TIME,
            tenant_id=grant.wish.tenant_id,
            lease_id=grant.wish.lease_id,
            cents=grant.wish.cents,
            external_id=grant.wish.external_id,
            submission=row,
            metadata=dict(grant.wish.metadata),
            made_by=by,
            made_at=at,
        )
        for grant in grants
    )
    planned = [
        (part, _payment(order, grant, part))
        for order, grant in zip(orders, grants, strict=True)
        for part in grant.parts
    ]
    Payment.objects.bulk_create(payment for _, payment in planned)
    PaymentTarget.objects.bulk_create(
        PaymentTarget(payment=payment, share_id=share_id, cents=cents)
        for part, payment in planned
        for share_id, cents in part["shares"]
    )
    tell_made([payment.pk for _, payment in planned])
    return orders


def _payment(order: Order, grant: Grant, part: Part) -> Payment:
    wish, mandate = grant.wish, grant.mandate
    waits = wish.needs_approval
    payment = Payment(
        order=order,
        fund_id=part["fund_id"],
        tenant_id=wish.tenant_id,
        lease_id=wish.lease_id,
        mandate=mandate,
        bank_account=mandate.bank_account,
        direction=Direction.DEBIT,
        purpose=part["purpose"],
        sec_code=mandate.sec_code,
        cents=part["cents"],
        status=PaymentStatus.AWAITING_APPROVAL if waits else PaymentStatus.SCHEDULED,
        requested_on=wish.requested_on,
        effective_on=grant.effective_on,
        needs_approval=waits,
        made_by=order.made_by,
        made_at=order.made_at,
    )
    payment.content_sha = content_sha(payment, part["shares"])
    return payment
