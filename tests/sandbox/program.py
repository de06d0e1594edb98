"""A program that asks for debits of a small house, and for what the sandbox does with them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.test import Client as Browser

from housing_ach.bank.models import BankProfile
from housing_ach.clock import services as clock
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.services import add_bank_account, mark_verified, sign_mandate
from housing_ach.mandates.states import AccountType, Channel, VerificationMethod
from housing_ach.payments.models import Payment
from housing_ach.sandbox import ahead
from housing_ach.sandbox.bank.server import connect_profile, running_bank
from housing_ach.sandbox.drivers import Driver, InProcess
from housing_ach.shared.business_days import new_york_at
from housing_ach.tenants.models import Property
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.states import Scope
from tests.api.calling import bearer, registered, token_of
from tests.factories import (
    BankProfileFactory,
    LeaseFactory,
    PropertyFactory,
    WindowFactory,
    primary_tenant,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in (16, 17, 18, 19))
SETTLES = "9900000042"
TEST = "/api/v1/test"


def at(on: date, hour: int, minute: int = 0) -> datetime:
    return new_york_at(on, time(hour, minute))


@dataclass
class Program:
    """Starts on Monday at ten; the bank's profile is nobody's yet."""

    started_at: datetime = field(default_factory=lambda: at(MONDAY, 10))
    profile: BankProfile = field(init=False)
    home: Property = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        clock.start(self.started_at)
        self.profile = BankProfileFactory()
        WindowFactory(profile=self.profile)
        self.home = PropertyFactory(
            operating_fund__company__profile=self.profile,
            deposit_fund__company__profile=self.profile,
        )
        self.token = token_of(*registered(scopes=(Scope.READ, Scope.WRITE)))

    def get(self, path: str) -> Any:
        return Browser().get(path, headers=bearer(self.token))

    def post(self, path: str, body: Any) -> Any:
        headers = bearer(self.token) | {"Idempotency-Key": uuid4().hex}
        return Browser().post(
            path, json.dumps(body), content_type="application/json", headers=headers
        )

    def debit(self, number: str = SETTLES, *, on: date = TUESDAY) -> Payment:
        """Asked for by a program, of a tenant who owes it."""
        asked = self.post("/api/v1/ach/transactions", self.wish(self.payer(number), on=on))
        assert asked.status_code == 201, asked.content
        return Payment.objects.get(pk=asked.json()["payments"][0]["id"])

    def wish(self, mandate: Mandate, *, on: date = TUESDAY) -> dict[str, Any]:
        return {
            "external_id": f"rent-{mandate.pk}",
            "tenant": mandate.tenant.external_id,
            "lease": mandate.lease.external_id,
            "mandate": str(mandate.pk),
            "amount": 1000_00,
            "currency": "USD",
            "effective_date": on.isoformat(),
        }

    def payer(self, number: str = SETTLES) -> Mandate:
        lease = LeaseFactory(unit__property=self.home)
        tenant, now = primary_tenant(lease), clock.now()
        account = add_bank_account(
            tenant=tenant,
            holder_name=tenant.name,
            routing="111000025",
            account_number=number,
            account_type=AccountType.CHECKING,
            at=now,
        )
        mark_verified(account, method=VerificationMethod.SERVICE, on=MONDAY)
        add_charge(lease=lease, kind=ChargeKind.RENT, cents=1000_00, due_on=MONDAY, at=now)
        return sign_mandate(
            tenant=tenant,
            lease=lease,
            bank_account=account,
            channel=Channel.PAPER,
            min_cents=1,
            max_cents=5000_00,
            signed_name=tenant.name,
            at=now,
        )

    def advance(self, **to: Any) -> Any:
        return self.post(f"{TEST}/clock/advance", to)

    def clock(self) -> dict[str, Any]:
        return dict(self.get(f"{TEST}/clock").json())

    def of(self, payment: Payment, verb: str, **body: Any) -> Any:
        return self.post(f"{TEST}/payments/{payment.pk}/{verb}", body)

    def arrives(self, driver: Driver, **to: Any) -> None:
        """Asks the clock there, and lives through the days."""
        assert self.advance(**to).status_code == 202
        ahead.go_on(driver, seconds=600)


@contextmanager
def beside_a_bank(program: Program, folder: Path) -> Iterator[Driver]:
    """Over real SFTP; its brain is ticked from here."""
    with running_bank(folder, seed=7) as running:
        connect_profile(program.profile, running)
        yield InProcess(running.bank)


def problem(answer: Any) -> tuple[int, str, str]:
    """Its status, and of the first error the code and where it points."""
    (error, *_) = answer.json()["errors"]
    return answer.status_code, error["code"], error["pointer"]
