"""What programs ask for, as the services take it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from housing_ach.mandates.models import Mandate
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.models import Order
from housing_ach.payments.services import pay_now
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.services import system_user


def debit(asked: Mapping[str, Any], *, at: datetime) -> Order:
    """Raises ValidationError for what is not there, and what `pay_now` refuses with."""
    tenant = Tenant.objects.filter(external_id=asked["tenant"]).first()
    lease = Lease.objects.filter(external_id=asked["lease"]).first()
    missing = {
        name: [ErrorDetail("There is no such thing.", "not_found")]
        for name, row in (("tenant", tenant), ("lease", lease))
        if row is None
    }
    if tenant is None or lease is None:
        raise ValidationError(missing)
    return pay_now(
        tenant=tenant,
        lease=lease,
        mandate=_mandate(asked, tenant, lease),
        by=system_user(),
        at=at,
        cents=asked["amount"],
        requested_on=asked["effective_date"],
        external_id=asked["external_id"],
    )


def _mandate(asked: Mapping[str, Any], tenant: Tenant, lease: Lease) -> Mandate:
    """Of the account: the newest in force for this lease that takes the amount."""
    own = Mandate.objects.filter(tenant=tenant, lease=lease)
    if "mandate" in asked:
        name, found = "mandate", own.filter(pk=int(asked["mandate"])).first()
    else:
        fitting = own.filter(
            bank_account__token=asked["bank_account"],
            status=MandateStatus.ACTIVE,
            min_cents__lte=asked["amount"],
            max_cents__gte=asked["amount"],
        )
        name, found = "bank_account", fitting.order_by("-pk").first()
    if found is None:
        words = "This tenant has no such permission for this lease."
        raise ValidationError({name: [ErrorDetail(words, "not_found")]})
    return found
