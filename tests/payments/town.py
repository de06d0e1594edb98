"""Many leases with their payers and plans, made in a handful of statements."""

from datetime import date
from uuid import uuid4

from housing_ach.mandates.models import Autopay, BankAccount, Mandate, MandateText
from housing_ach.mandates.states import AutopayMode, Channel, MandateStatus, VerificationStatus
from housing_ach.tenants.models import ChargeSchedule, Lease, LeaseShare, Tenant
from tests.factories import AT, LONG_AGO, UnitFactory


def build_town(size, *, first_charge_on=date(2026, 3, 1)):
    """Rent of 1,000.00 on the first, FULL_BALANCE on the first."""
    unit, text = UnitFactory(), MandateText.objects.get()
    tenants = Tenant.objects.bulk_create(
        Tenant(name="Tenant", external_id=f"TOWN-{uuid4()}") for _ in range(size)
    )
    leases = Lease.objects.bulk_create(
        Lease(unit=unit, external_id=tenant.external_id, starts_on=LONG_AGO) for tenant in tenants
    )
    LeaseShare.objects.bulk_create(
        LeaseShare(lease=lease, tenant=tenant, is_primary=True, starts_on=LONG_AGO)
        for lease, tenant in zip(leases, tenants, strict=True)
    )
    ChargeSchedule.objects.bulk_create(
        ChargeSchedule(lease=lease, cents=1000_00, starts_on=first_charge_on) for lease in leases
    )
    accounts = BankAccount.objects.bulk_create(_account(tenant) for tenant in tenants)
    mandates = Mandate.objects.bulk_create(
        _mandate(lease, account, text) for lease, account in zip(leases, accounts, strict=True)
    )
    Autopay.objects.bulk_create(
        Autopay(
            mandate=mandate,
            tenant_id=mandate.tenant_id,
            lease_id=mandate.lease_id,
            mode=AutopayMode.FULL_BALANCE,
            starts_on=LONG_AGO,
        )
        for mandate in mandates
    )


def _account(tenant):
    token = uuid4()
    return BankAccount(
        tenant=tenant,
        holder_name=tenant.name,
        routing="111000025",
        account_type="CHECKING",
        last_four="6789",
        token=token,
        fingerprint_key="made-up",
        fingerprint=token.bytes * 2,
        verification=VerificationStatus.VERIFIED,
        verification_method="SERVICE",
        verified_on=LONG_AGO,
        created_at=AT,
    )


def _mandate(lease, account, text):
    return Mandate(
        lease=lease,
        tenant_id=account.tenant_id,
        bank_account=account,
        status=MandateStatus.ACTIVE,
        channel=Channel.PAPER,
        sec_code="PPD",
        text=text,
        max_cents=5000_00,
        signed_name="Tenant",
        signed_at=AT,
    )
