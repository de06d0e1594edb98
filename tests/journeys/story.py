"""What a story needs: a house with tenants, a bank over SFTP, the timetable, and the books in words."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

from celery import current_app

from housing_ach.bank.models import BankProfile
from housing_ach.batches.models import Batch
from housing_ach.batches.services import approve
from housing_ach.batches.states import BatchStatus
from housing_ach.clock import services as clock
from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.selectors import trial_balance
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.services import (
    add_bank_account,
    mark_verified,
    set_up_autopay,
    sign_mandate,
)
from housing_ach.mandates.states import AccountType, AutopayMode, Channel, VerificationMethod
from housing_ach.payments.models import Payment
from housing_ach.sandbox.bank.server import RunningBank, connect_profile, running_bank
from housing_ach.sandbox.month import PHASES
from housing_ach.shared.business_days import is_banking_day, new_york_at
from housing_ach.shared.money import dollars
from housing_ach.tenants.models import Property
from housing_ach.users.models import User
from tests.factories import (
    BankProfileFactory,
    ChargeScheduleFactory,
    LeaseFactory,
    PropertyFactory,
    UserFactory,
    WindowFactory,
    primary_tenant,
)

MORNING, NOON, AFTERNOON, EVENING = range(4)


@dataclass
class Story:
    """Days pass as in production: the timetable's own tasks, at the hours a bank's day has."""

    bank: RunningBank
    today: date
    profile: BankProfile = field(init=False)
    home: Property = field(init=False)
    checker: User = field(init=False)

    def __post_init__(self) -> None:
        clock.start(new_york_at(self.today, time(0, 5)))
        self.profile = BankProfileFactory()
        connect_profile(self.profile, self.bank)
        self.home = PropertyFactory(
            operating_fund__company__profile=self.profile,
            deposit_fund__company__profile=self.profile,
        )
        WindowFactory(profile=self.profile)
        self.checker = UserFactory(is_staff=True)

    def autopayer(self, number: str, *, rent_cents: int, first_rent_on: date) -> Mandate:
        """A tenant whose rent is due on the first and taken from the account by itself."""
        at = clock.now()
        lease = LeaseFactory(unit__property=self.home)
        ChargeScheduleFactory(lease=lease, cents=rent_cents, starts_on=first_rent_on)
        tenant = primary_tenant(lease)
        account = add_bank_account(
            tenant=tenant,
            holder_name=tenant.name,
            routing="111000025",
            account_number=number,
            account_type=AccountType.CHECKING,
            at=at,
        )
        mark_verified(account, method=VerificationMethod.SERVICE, on=self.today)
        mandate = sign_mandate(
            tenant=tenant,
            lease=lease,
            bank_account=account,
            channel=Channel.PAPER,
            min_cents=1,
            max_cents=5000_00,
            signed_name=tenant.name,
            at=at,
        )
        set_up_autopay(
            mandate=mandate,
            mode=AutopayMode.FULL_BALANCE,
            day_of_month=1,
            starts_on=self.today,
        )
        return mandate

    def until(self, on: date, hour: int) -> None:
        """Live through every day up to this hour of this one; drafts are approved at noon."""
        while self.today < on:
            self._hours(0, EVENING)
            self.today = date.fromordinal(self.today.toordinal() + 1)
        self._hours(0, hour)

    def _hours(self, first: int, last: int) -> None:
        for phase in PHASES[first : last + 1]:
            at = new_york_at(self.today, phase.hour)
            if at <= clock.now() or not (phase.every_day or is_banking_day(self.today)):
                continue
            clock.advance(to=at)
            self.bank.bank.tick(at)
            for task in phase.tasks:
                current_app.tasks[task]()
            if phase.people:
                for batch in Batch.objects.filter(status=BatchStatus.DRAFT):
                    approve(batch, by=self.checker, at=at)

    def books(self) -> dict[str, str]:
        """Every account of the operating fund that is not zero: debits plain, credits with a minus."""
        totals = trial_balance(self.home.operating_fund_id)
        return {NAMES[number]: dollars(cents) for number, cents in totals.items() if cents}

    def payment(self) -> str:
        return Payment.objects.get().status


def beginning(folder: Path) -> AbstractContextManager[RunningBank]:
    current_app.loader.import_default_modules()
    return running_bank(folder, seed=7)
