"""What a returned debit costs its payer, where the policy of the property says so."""

from contextlib import suppress
from datetime import datetime

from housing_ach.payments.models import Payment
from housing_ach.payments.states import Direction
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import Charge
from housing_ach.tenants.selectors import effective_policy
from housing_ach.tenants.services import ExternalIdTaken, NoPayer, add_charge
from housing_ach.tenants.states import ChargeKind


def charge_nsf_fee(payment: Payment, *, code: str, at: datetime) -> Charge | None:
    """Once an order, however many of its payments and their retries come back; the payer alone owes it.

    The caller has the batch of the entry locked. Autopay never takes the fee by itself.
    """
    cents = effective_policy(lease=payment.lease).nsf_fee_cents.value
    external_id = f"nsf:order:{payment.order_id}"
    charged = Charge.objects.filter(external_id=external_id).exists()
    if not cents or charged or payment.direction != Direction.DEBIT:
        return None
    # Who has moved out since has no share of the lease that a charge could fall on; and another
    # payment of the order may have come back in the same moment.
    with suppress(NoPayer, ExternalIdTaken):
        return add_charge(
            lease=payment.lease,
            kind=ChargeKind.NSF_FEE,
            cents=cents,
            due_on=new_york_date(at),
            at=at,
            payer=payment.tenant,
            memo=f"returned payment ({code})",
            external_id=external_id,
        )
    return None
