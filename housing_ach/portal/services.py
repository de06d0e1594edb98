"""Paying now: the permission, where none is in force, and the payment, both or neither."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from housing_ach.audit.move import StaleState
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import NoEvidence, sign_mandate
from housing_ach.mandates.states import Channel, MandateStatus
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.selectors import Payable, payable, twin_of
from housing_ach.payments.services import TooLate, cancel, pay_now
from housing_ach.payments.services.locking import lock_leases
from housing_ach.payments.states import IN_FLIGHT
from housing_ach.portal.device import Device, Signature
from housing_ach.portal.selectors.debits import Debit, debits_of
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.models import User


@dataclass(frozen=True)
class Asked:
    """What a tenant wants to pay, from where and when."""

    tenant: Tenant
    lease: Lease
    account: BankAccount
    cents: int
    requested_on: date


class Confirmed(NamedTuple):
    """`token` is the form's own: however often it is sent, one order comes of it.

    `insists`: pays although the same was paid within a day, or is on its way.
    """

    token: str
    signature: Signature | None = None
    insists: bool = False


class Preview(NamedTuple):
    """`mandate` is null where this payment needs a permission of its own; `twin` was paid already."""

    debits: tuple[Debit, ...]
    mandate: Mandate | None
    payable: Payable
    twin: Order | None

    @property
    def repeats(self) -> bool:
        cents = sum(debit.payment.cents for debit in self.debits)
        return self.twin is not None or cents > self.payable.free_cents


def made_with(tenant: Tenant, token: str) -> QuerySet[Order]:
    """The order of a form, if it was made."""
    return Order.objects.filter(external_id=_external_id(tenant, token))


def order_of(tenant: Tenant, token: str) -> Order | None:
    return made_with(tenant, token).first()


def _external_id(tenant: Tenant, token: str) -> str:
    """No two tenants' forms can name the same order."""
    return f"web-{tenant.pk}-{token}"


def standing_mandate(asked: Asked) -> Mandate | None:
    """A permission in force that covers the amount: nothing needs signing again."""
    return (
        Mandate.objects.filter(
            tenant=asked.tenant,
            lease=asked.lease,
            bank_account=asked.account,
            status=MandateStatus.ACTIVE,
            recurring=True,
            min_cents__lte=asked.cents,
            max_cents__gte=asked.cents,
        )
        .order_by("-pk")
        .first()
    )


@transaction.atomic
def pay(asked: Asked, *, by: User, at: datetime, confirmed: Confirmed) -> Order:
    """Raises what `sign_mandate` and `pay_now` raise; NoEvidence where a signature is needed."""
    external_id = _external_id(asked.tenant, confirmed.token)
    # Signing comes after the lock: the second of two clicks finds the order, and signs nothing.
    lock_leases([asked.lease.pk])
    known = Payment.objects.filter(order__external_id=external_id).select_related("mandate").first()
    mandate = known.mandate if known else standing_mandate(asked)
    return pay_now(
        tenant=asked.tenant,
        lease=asked.lease,
        mandate=mandate or _sign(asked, confirmed.signature, at),
        by=by,
        at=at,
        cents=asked.cents,
        requested_on=asked.requested_on,
        allow_duplicate=confirmed.insists,
        external_id=external_id,
    )


def preview(asked: Asked, *, by: User, at: datetime, device: Device) -> Preview:
    """What `pay` would make now: made, read and undone, so that nothing else can be shown.

    Raises what `pay` raises, except for what the payer may insist on.
    """
    twin = twin_of(tenant=asked.tenant, lease=asked.lease, cents=asked.cents, at=at)
    open_now = payable(tenant=asked.tenant, lease=asked.lease)
    signature = Signature(asked.tenant.name, device)
    with transaction.atomic():
        confirmed = Confirmed(uuid4().hex, signature, insists=True)
        order = pay(asked, by=by, at=at, confirmed=confirmed)
        debits = debits_of(order)
        transaction.set_rollback(True)
    return Preview(debits, standing_mandate(asked), open_now, twin)


def cancel_order(order: Order, *, by: User, at: datetime) -> tuple[list[Payment], list[Payment]]:
    """What was stopped of it, and what goes on: its file is closed."""
    stopped, going = [], []
    for payment in order.payments.filter(status__in=IN_FLIGHT).order_by("pk"):
        try:
            cancel(payment, by=by, reason="Canceled by the payer", at=at)
        except (TooLate, StaleState):
            going.append(payment)
        else:
            stopped.append(payment)
    return stopped, going


def _sign(asked: Asked, signature: Signature | None, at: datetime) -> Mandate:
    if signature is None:
        raise NoEvidence("signed_name: this payment needs a permission", field="signed_name")
    return sign_mandate(
        tenant=asked.tenant,
        lease=asked.lease,
        bank_account=asked.account,
        at=at,
        channel=Channel.INTERNET,
        min_cents=asked.cents,
        max_cents=asked.cents,
        signed_name=signature.name,
        ip=signature.device.ip,
        user_agent=signature.device.user_agent,
        recurring=False,
    )
