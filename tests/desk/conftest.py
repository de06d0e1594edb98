from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat
from django.test import override_settings
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from two_factor.plugins.webauthn.models import WebauthnDevice

from housing_ach.bank.models import Window
from housing_ach.batches.models import Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.clock.services import claim
from housing_ach.desk.roles import give_role
from housing_ach.mandates.models import Autopay
from housing_ach.mandates.services import pause_autopay, want_notice
from housing_ach.notices.services import invite, set_preferences
from housing_ach.payments.models import Limit
from housing_ach.payments.states import Direction, Purpose
from housing_ach.reports.models import Document
from housing_ach.reports.states import DocumentKind
from housing_ach.tenants.models import Property, Tenant
from housing_ach.tenants.states import Role
from tests import integrations, plugin
from tests.batches.town import NOON, Town, morning
from tests.conftest import Database, _pointed_at
from tests.factories import (
    AutopayFactory,
    ChargeScheduleFactory,
    PropertyFactory,
    UserFactory,
)
from tests.proof.month import FRIDAY, live
from tests.returns.letters import Letter, about
from tests.returns.post import deliver, fetched

DESK = f"{plugin.OWN_DATABASE}_desk"
SEVERAL = 3


@pytest.fixture(scope="module")
def organisation(django_db_setup, django_db_blocker) -> Iterator[Database]:
    """A database with something in every list of the admin, for tests that change nothing in it."""
    plugin.clone(DESK)
    with django_db_blocker.unblock(), _pointed_at(NAME=DESK):
        live()
        _bring_more()
        integrations.bring()
        yield Database(DESK)
    plugin.drop(DESK)


@pytest.fixture(scope="module")
def web(organisation) -> Iterator[Database]:
    """As the web process sees it: its role of the database, and no key that opens an account."""
    with override_settings(VAULT_MONEY_PRIVATE=False), organisation.acting_as("app"):
        yield organisation


def _bring_more() -> None:
    """Rows of what a month does not bring by itself, and several of what it brings once."""
    town = Town(None, Window.objects.get(), Property.objects.get())
    settled = Entry.objects.filter(status=EntryStatus.SETTLED, payment__purpose=Purpose.RENT)
    entry = settled.select_related("account_version")[0]
    unknown = [
        Letter(code, f"99999999000000{number}", 1000_00, "11100002", number=number)
        for number, code in enumerate(("R02", "R03", "C05", "C05"), start=2)
    ]
    deliver(town, about(entry, "C05", data="37"), *unknown, on=FRIDAY, modifier="B")
    for number in range(SEVERAL):
        fetched(town, f"letter {number}".encode(), at=morning(FRIDAY))
        plan = AutopayFactory(mandate__lease__unit__property=town.home)
        pause_autopay(plan, starts_on=FRIDAY, ends_on=FRIDAY)
        ChargeScheduleFactory(lease=plan.lease)
        home = PropertyFactory()
        Limit.objects.create(company=home.operating_fund.company, direction=Direction.DEBIT)
        StaticDevice.objects.create(user=UserFactory(), name="codes")
        claim("a job", FRIDAY + timedelta(number))
        _bring_papers(plan, number)
        deposits = town.micro_deposits(f"990033333{number}")
        deposits.tries.create(number=1, right=False, by=town.clerk, at=NOON)
    # No id looks like the end of an account number.
    whole = Concat(Value("QX"), Cast("pk", TextField()), Value("Z"), output_field=TextField())
    Tenant.objects.update(external_id=whole)
    Tenant.objects.filter(pk=entry.payment.tenant_id).update(name="Adelheid Quint")
    for role in Role.FINANCE, Role.AUDITOR, Role.ADMIN:
        user = UserFactory(is_staff=True, email=f"{role.lower()}@example.org")
        TOTPDevice.objects.create(user=user, name="default", confirmed=True)
        give_role(user, role)


def _bring_papers(plan: Autopay, number: int) -> None:
    """What is made for people: notices, documents, security keys."""
    want_notice(mandate=plan.mandate, cents=1000_00 + number, debit_on=FRIDAY, at=morning(FRIDAY))
    Document.objects.create(
        kind=DocumentKind.STATEMENT,
        subject="tenants.lease",
        subject_id=plan.lease_id,
        lease=plan.lease,
        name="statement.pdf",
        facts={},
        facts_sha=str(number),
        made_by=UserFactory(),
        made_at=morning(FRIDAY),
    )
    Tenant.objects.filter(pk=plan.tenant_id).update(email=f"payer{number}@example.org")
    plan.mandate.tenant.refresh_from_db()
    invite(plan.mandate.tenant, at=morning(FRIDAY))
    set_preferences(plan.mandate.tenant, language="es", muted=[])
    WebauthnDevice.objects.create(
        user=UserFactory(), name="key", public_key=f"public {number}", key_handle="x", sign_count=0
    )
