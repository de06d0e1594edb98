"""Rows that fit together. A lease comes with a sole tenant; charges are made by the services."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from housing_ach.bank.models import BankProfile, Company, Window
from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.ledger.models import Fund
from housing_ach.ledger.states import FundKind
from housing_ach.mandates.models import (
    Autopay,
    BankAccount,
    BankAccountVersion,
    Mandate,
    MandateText,
)
from housing_ach.mandates.states import (
    SEC_OF_CHANNEL,
    AccountType,
    AutopayMode,
    Channel,
    MandateStatus,
    VerificationMethod,
    VerificationStatus,
)
from housing_ach.payments.models import Order, Payment, Submission
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus, Purpose, Source
from housing_ach.tenants.models import (
    ChargeSchedule,
    Lease,
    LeaseShare,
    Membership,
    Property,
    ShadowRun,
    Tenant,
    Unit,
)
from housing_ach.tenants.states import Role, Rollout
from housing_ach.users.models import Client, User
from housing_ach.users.services import system_user
from housing_ach.users.states import ClientAuth, Scope

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LONG_AGO = date(2025, 1, 1)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    class Params:
        admin = factory.Trait(is_staff=True, is_superuser=True)

    email = factory.Sequence("user{}@example.org".format)
    name = factory.Sequence("User {}".format)
    password = "!"


class BankProfileFactory(DjangoModelFactory):
    class Meta:
        model = BankProfile

    name = factory.Sequence("Bank {}".format)
    is_sandbox = True
    host = "127.0.0.1"
    username = "hms"
    host_key = "ssh-ed25519 AAAA"
    immediate_destination = SANDBOX_BANK_ROUTING
    immediate_destination_name = "SANDBOX BANK"
    immediate_origin = "1987654321"
    immediate_origin_name = "ALDER HOUSING"


class WindowFactory(DjangoModelFactory):
    class Meta:
        model = Window

    profile = factory.SubFactory(BankProfileFactory)
    code = "NEXT_DAY"
    cut_off = time(16, 0)


class CompanyFactory(DjangoModelFactory):
    class Meta:
        model = Company

    profile = factory.SubFactory(BankProfileFactory)
    name = "ALDER HOUSING"
    company_id = factory.Sequence("1{:09d}".format)
    odfi = SANDBOX_BANK_ROUTING


class FundFactory(DjangoModelFactory):
    class Meta:
        model = Fund

    class Params:
        deposit = factory.Trait(kind=FundKind.DEPOSIT_TRUST)

    code = factory.Sequence("FUND-{}".format)
    kind = FundKind.OPERATING
    name = factory.LazyAttribute(lambda fund: fund.code.title())
    company = factory.SubFactory(CompanyFactory)


class PropertyFactory(DjangoModelFactory):
    class Meta:
        model = Property

    name = factory.Sequence("Alder House {}".format)
    code = factory.Sequence("AH-{}".format)
    state = "NY"
    rollout = Rollout.LIVE
    operating_fund = factory.SubFactory(FundFactory)
    deposit_fund = factory.SubFactory(FundFactory, deposit=True)


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    property = factory.SubFactory(PropertyFactory)
    name = factory.Sequence("{}".format)


class TenantFactory(DjangoModelFactory):
    class Meta:
        model = Tenant

    class Params:
        signed_up = factory.Trait(user=factory.SubFactory(UserFactory))

    name = factory.Sequence("Tenant {}".format)
    external_id = factory.Sequence("T-{:05d}".format)


class LeaseShareFactory(DjangoModelFactory):
    """The primary tenant's whole, unless told otherwise."""

    class Meta:
        model = LeaseShare

    lease = factory.SubFactory("tests.factories.LeaseFactory", share=None)
    tenant = factory.SubFactory(TenantFactory)
    is_primary = True
    starts_on = factory.SelfAttribute("lease.starts_on")


class LeaseFactory(DjangoModelFactory):
    """`share=None`: nobody pays yet; `share__tenant=...` names who does."""

    class Meta:
        model = Lease
        skip_postgeneration_save = True

    unit = factory.SubFactory(UnitFactory)
    external_id = factory.Sequence("L-{:05d}".format)
    starts_on = LONG_AGO
    share = factory.RelatedFactory(LeaseShareFactory, factory_related_name="lease")


class ChargeScheduleFactory(DjangoModelFactory):
    class Meta:
        model = ChargeSchedule

    lease = factory.SubFactory(LeaseFactory)
    cents = 1000_00
    starts_on = factory.SelfAttribute("lease.starts_on")


class MembershipFactory(DjangoModelFactory):
    """Of the whole organisation, unless a property is named."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.FINANCE


class ShadowRunFactory(DjangoModelFactory):
    """Of one debit, without findings."""

    class Meta:
        model = ShadowRun

    property = factory.SubFactory(PropertyFactory)
    profile = factory.SelfAttribute("property.operating_fund.company.profile")
    processing_on = factory.LazyFunction(AT.date)
    effective_on = factory.SelfAttribute("processing_on")
    entry_count = 1
    cents = 1000_00
    sha256 = "0" * 64
    made_at = AT


class BankAccountFactory(DjangoModelFactory):
    """Verified, unless told otherwise. Its token opens nothing: services.add_bank_account seals."""

    class Meta:
        model = BankAccount
        skip_postgeneration_save = True

    class Params:
        unverified = factory.Trait(
            verification=VerificationStatus.UNVERIFIED, verification_method="", verified_on=None
        )

    tenant = factory.SubFactory(TenantFactory)
    holder_name = factory.SelfAttribute("tenant.name")
    routing = "111000025"
    account_type = AccountType.CHECKING
    last_four = "6789"
    token = factory.LazyFunction(uuid4)
    fingerprint_key = "made-up"
    fingerprint = factory.LazyAttribute(lambda account: account.token.bytes * 2)
    verification = VerificationStatus.VERIFIED
    verification_method = VerificationMethod.SERVICE
    verified_on = LONG_AGO
    created_at = AT
    first_version = factory.RelatedFactory(
        "tests.factories.BankAccountVersionFactory", factory_related_name="account"
    )


class BankAccountVersionFactory(DjangoModelFactory):
    class Meta:
        model = BankAccountVersion

    account = factory.SubFactory(BankAccountFactory, first_version=None)
    version = factory.SelfAttribute("account.version")
    routing = factory.SelfAttribute("account.routing")
    account_type = factory.SelfAttribute("account.account_type")
    last_four = factory.SelfAttribute("account.last_four")
    token = factory.SelfAttribute("account.token")
    holder_name = factory.SelfAttribute("account.holder_name")
    reason = "added"
    created_at = AT


class MandateFactory(DjangoModelFactory):
    """Active, of the primary tenant of its lease."""

    class Meta:
        model = Mandate

    lease = factory.SubFactory(LeaseFactory)
    tenant = factory.LazyAttribute(lambda mandate: primary_tenant(mandate.lease))
    bank_account = factory.SubFactory(BankAccountFactory, tenant=factory.SelfAttribute("..tenant"))
    status = MandateStatus.ACTIVE
    channel = Channel.PAPER
    sec_code = factory.LazyAttribute(lambda mandate: SEC_OF_CHANNEL[mandate.channel])
    text = factory.LazyFunction(MandateText.objects.first)
    max_cents = 5000_00
    signed_name = factory.SelfAttribute("tenant.name")
    signed_at = AT


class AutopayFactory(DjangoModelFactory):
    class Meta:
        model = Autopay

    mandate = factory.SubFactory(MandateFactory)
    tenant = factory.SelfAttribute("mandate.tenant")
    lease = factory.SelfAttribute("mandate.lease")
    mode = AutopayMode.FULL_BALANCE
    starts_on = LONG_AGO


class ClientFactory(DjangoModelFactory):
    """Registered, and not approved: no program calls as this one."""

    class Meta:
        model = Client

    client_id = factory.Sequence(lambda n: f"c_{n:016x}")
    name = "Ledger sync"
    scopes = factory.LazyFunction(lambda: [Scope.WRITE])
    auth_method = ClientAuth.SECRET
    secret_hash = "0" * 64
    made_by = factory.LazyFunction(system_user)
    made_at = AT


class SubmissionFactory(DjangoModelFactory):
    class Meta:
        model = Submission

    client = factory.SubFactory(ClientFactory)
    source = Source.API
    asked_count = 1
    asked_cents = 1000_00
    made_at = AT


class OrderFactory(DjangoModelFactory):
    class Meta:
        model = Order

    kind = OrderKind.ONE_TIME
    lease = factory.SubFactory(LeaseFactory)
    tenant = factory.LazyAttribute(lambda order: primary_tenant(order.lease))
    cents = 1000_00
    made_by = factory.LazyFunction(system_user)
    made_at = AT


class PaymentFactory(DjangoModelFactory):
    """A scheduled debit of rent by its tenant's mandate, in the property's operating fund."""

    class Meta:
        model = Payment

    order = factory.SubFactory(
        OrderFactory,
        lease=factory.SelfAttribute("..lease"),
        tenant=factory.SelfAttribute("..tenant"),
        cents=factory.SelfAttribute("..cents"),
    )
    mandate = factory.SubFactory(MandateFactory)
    lease = factory.SelfAttribute("mandate.lease")
    tenant = factory.SelfAttribute("mandate.tenant")
    bank_account = factory.SelfAttribute("mandate.bank_account")
    sec_code = factory.SelfAttribute("mandate.sec_code")
    fund = factory.SelfAttribute("lease.unit.property.operating_fund")
    direction = Direction.DEBIT
    purpose = Purpose.RENT
    cents = 1000_00
    status = PaymentStatus.SCHEDULED
    requested_on = date(2026, 3, 5)
    effective_on = factory.SelfAttribute("requested_on")
    made_by = factory.LazyFunction(system_user)
    made_at = AT


def primary_tenant(lease: Lease) -> Tenant:
    return lease.shares.get(is_primary=True).tenant
