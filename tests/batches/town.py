"""A small housing organisation whose debits go to a sandbox bank over real SFTP."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from housing_ach.bank.models import Window
from housing_ach.batches import services
from housing_ach.batches.models import BankFile, Batch
from housing_ach.ledger.chart import IN_TRANSIT
from housing_ach.ledger.selectors import trial_balance
from housing_ach.mandates.services import add_bank_account, mark_verified, sign_mandate
from housing_ach.mandates.states import AccountType, Channel, VerificationMethod
from housing_ach.payments.models import Payment
from housing_ach.payments.services import pay_now
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import start_micro_deposits
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.bank.server import RunningBank, connect_profile
from housing_ach.tenants.models import Property
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.models import User
from housing_ach.users.services import system_user
from tests.factories import (
    BankProfileFactory,
    LeaseFactory,
    PropertyFactory,
    UserFactory,
    WindowFactory,
    primary_tenant,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in (2, 3, 4, 5))
NOON = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
AFTERNOON = datetime(2026, 3, 2, 20, 10, tzinfo=UTC)
CUT_OFF = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
SETTLES = "9900{:06d}"


def morning(on: date) -> datetime:
    """09:15 New York, after the bank's morning files."""
    return datetime(on.year, on.month, on.day, 14, 15, tzinfo=UTC)


@dataclass
class Town:
    bank: AnsweringBank
    window: Window
    home: Property
    clerk: User = field(default_factory=lambda: UserFactory(is_staff=True))

    @classmethod
    def beside(cls, running: RunningBank) -> "Town":
        profile = BankProfileFactory()
        connect_profile(profile, running)
        home = PropertyFactory(
            operating_fund__company__profile=profile, deposit_fund__company__profile=profile
        )
        return cls(running.bank, WindowFactory(profile=profile), home)

    @property
    def profile(self):
        return self.window.profile

    def debit(
        self,
        number: str = "",
        *,
        cents: int = 1000_00,
        channel: str = Channel.PAPER,
        name: str = "",
        settles_on: date = TUESDAY,
        **terms: object,
    ) -> Payment:
        """A rent charge with the payment of it, due to settle on Tuesday."""
        lease = LeaseFactory(unit__property=self.home, **terms)
        tenant = primary_tenant(lease)
        account = add_bank_account(
            tenant=tenant,
            holder_name=name or tenant.name,
            routing="111000025",
            account_number=number or SETTLES.format(lease.pk),
            account_type=AccountType.CHECKING,
            at=NOON,
        )
        mark_verified(account, method=VerificationMethod.SERVICE, on=MONDAY)
        mandate = sign_mandate(
            tenant=tenant,
            lease=lease,
            bank_account=account,
            channel=channel,
            min_cents=1,
            max_cents=10**11,
            signed_name=tenant.name,
            at=NOON,
            ip="203.0.113.7",
            user_agent="tests",
        )
        add_charge(lease=lease, kind=ChargeKind.RENT, cents=cents, due_on=TUESDAY, at=NOON)
        order = pay_now(
            tenant=tenant,
            lease=lease,
            mandate=mandate,
            cents=cents,
            requested_on=settles_on,
            by=self.clerk,
            at=NOON,
        )
        return order.payments.get()

    def micro_deposits(
        self, number: str = "9900123456", *, account_type: str = AccountType.CHECKING
    ) -> MicroDeposits:
        """Two credits asked for on Monday, which settle on Tuesday."""
        lease = LeaseFactory(unit__property=self.home)
        tenant = primary_tenant(lease)
        account = add_bank_account(
            tenant=tenant,
            holder_name=tenant.name,
            routing="111000025",
            account_number=number,
            account_type=account_type,
            at=NOON,
        )
        return start_micro_deposits(bank_account=account, lease=lease, by=self.clerk, at=NOON)

    def build(self) -> list[Batch]:
        return services.build(window=self.window, on=MONDAY, at=NOON, by=system_user())

    def approved(self) -> list[Batch]:
        batches = self.build()
        for batch in batches:
            services.approve(batch, by=self.clerk, at=NOON)
        return batches

    def freeze(self, at: datetime = AFTERNOON) -> BankFile | None:
        return services.freeze(window=self.window, on=MONDAY, at=at)

    def frozen(self) -> BankFile:
        self.approved()
        file = self.freeze()
        assert file is not None
        return file

    def sent(self, *, taken: bool = True) -> BankFile:
        """On the bank's server; taken: the bank has answered as well, and nothing of it was read."""
        file = self.frozen()
        services.send(file.pk, at=AFTERNOON)
        if taken:
            self.bank.tick(AFTERNOON)
        file.refresh_from_db()
        return file

    def listen(self, at: datetime) -> list[BankFile]:
        """Let the bank live until `at`, and read what it wrote."""
        self.bank.tick(at)
        fresh = services.receive(self.profile, at=at)
        services.apply_received(at=at)
        return fresh

    def books(self) -> dict[str, int]:
        """Non-zero accounts of the operating fund."""
        totals = trial_balance(self.home.operating_fund_id)
        return {number: cents for number, cents in totals.items() if cents}

    def in_transit(self) -> int:
        return self.books().get(IN_TRANSIT, 0)

    def entries_taken(self) -> list[tuple[str, int]]:
        """Individual id and cents of every entry the bank ever took, whichever file it was in."""
        self.bank.tick(AFTERNOON)
        return sorted(
            (line[39:54], int(line[29:39]))
            for path in self.bank.taken.iterdir()
            for line in path.read_text().splitlines()
            if line[0] == "6"
        )


def statuses() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("status", flat=True))
