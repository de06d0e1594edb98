"""A tenant who is signed in, with a lease, a bank account and something to pay."""

from dataclasses import dataclass
from datetime import date

from django.test import Client

from housing_ach.clock import services as clock
from housing_ach.mandates.models import BankAccount
from housing_ach.tenants.models import Lease, Tenant
from tests.factories import (
    AT,
    BankAccountFactory,
    BankProfileFactory,
    LeaseFactory,
    PropertyFactory,
    UserFactory,
    WindowFactory,
    primary_tenant,
)
from tests.payments.story import owe

TODAY = date(2026, 3, 2)


@dataclass
class Payer:
    client: Client
    lease: Lease
    tenant: Tenant
    account: BankAccount

    def owe(self, cents=1000_00, **fields):
        return owe(self.lease, cents, **fields)


def signed_in(tenant: Tenant) -> Client:
    tenant.user = UserFactory(name=tenant.name)
    tenant.save()
    client = Client()
    client.force_login(tenant.user)
    return client


def payer(**fields: object) -> Payer:
    """On Monday, 2 March 2026, ten o'clock in New York; the bank's file closes at four."""
    clock.start(AT)
    lease = LeaseFactory(**fields) if fields else LeaseFactory(unit__property=home())
    tenant = primary_tenant(lease)
    return Payer(signed_in(tenant), lease, tenant, BankAccountFactory(tenant=tenant))


def home():
    profile = BankProfileFactory()
    WindowFactory(profile=profile)
    return PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
