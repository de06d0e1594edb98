"""A small month with something of everything that `verify` looks at."""

from datetime import date

from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.batches import services as batches
from housing_ach.batches.models import Entry
from housing_ach.batches.services.post import void
from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Payment
from housing_ach.payments.services import pay_now
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import confirm_micro_deposits
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.services import system_user
from tests.batches.town import AFTERNOON, MONDAY, NOON, THURSDAY, TUESDAY, WEDNESDAY, Town, morning
from tests.factories import BankProfileFactory, PropertyFactory, WindowFactory
from tests.returns.letters import about
from tests.returns.post import deliver, fetched, publish, settle

FRIDAY = date(2026, 3, 6)


def live() -> None:
    """Two rents, a deposit and money paid ahead; a file that was never sent; an R01, charged.

    What was paid is CLEARED on Friday, the retry of the other rent waits. Micro-deposits verified an
    account; those of another came back, one of them without its money.
    """
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    town = Town(None, WindowFactory(profile=profile), home)
    paid, bounced = town.debit(), town.debit()
    _pay_ahead(paid)
    _pay_deposit(bounced.mandate)
    told, failed = town.micro_deposits("9900111111"), town.micro_deposits("9900222222")
    void(town.frozen(), reason="the cut-off passed", at=AFTERNOON)
    _send_anew(town)
    entry = Entry.objects.select_related("account_version").get(
        payment=bounced, trace_serial__isnull=False, status="SETTLED"
    )
    _tell(town, told)
    given_back, missing = Entry.objects.select_related("account_version", "batch").filter(
        payment__order=failed.order, status="SETTLED"
    )
    gone = [
        about(credit, "R03", transaction="21", number=number)
        for number, credit in enumerate((given_back, missing), start=2)
    ]
    deliver(town, about(entry, "R01"), *gone, on=WEDNESDAY)
    _charge(town, entry, given_back)
    for day in (THURSDAY, FRIDAY):
        _say_nothing_came_back(town, day)
    batches.clear(on=FRIDAY, at=morning(FRIDAY))


def _pay_ahead(payment: Payment) -> None:
    pay_now(
        tenant=payment.tenant,
        lease=payment.lease,
        mandate=payment.mandate,
        cents=payment.cents,
        requested_on=TUESDAY,
        allow_duplicate=True,
        by=system_user(),
        at=NOON,
    )


def _pay_deposit(mandate: Mandate) -> None:
    add_charge(lease=mandate.lease, kind=ChargeKind.DEPOSIT, cents=1500_00, due_on=TUESDAY, at=NOON)
    pay_now(
        tenant=mandate.tenant,
        lease=mandate.lease,
        mandate=mandate,
        cents=1500_00,
        requested_on=TUESDAY,
        by=system_user(),
        at=NOON,
    )


def _send_anew(town: Town) -> None:
    for batch in batches.build(window=town.window, on=MONDAY, at=AFTERNOON, by=system_user()):
        batches.approve(batch, by=town.clerk, at=AFTERNOON)
    file = town.freeze()
    assert file is not None
    settle(town, publish(file))


def _tell(town: Town, deposits: MicroDeposits) -> None:
    first, second = deposits.order.payments.values_list("cents", flat=True)
    confirm_micro_deposits(
        bank_account=deposits.bank_account,
        cents=(first, second),
        by=town.clerk,
        at=morning(TUESDAY),
    )


def _charge(town: Town, debit: Entry, credit: Entry) -> None:
    lines = [
        f"RETURN,{entry.batch.company.company_id},{entry.trace},11111111000000{number},{code},"
        f"{WEDNESDAY},{entry.batch.direction},{entry.cents}\n"
        for number, (entry, code) in enumerate([(debit, "R01"), (credit, "R03")], start=1)
    ]
    report = (
        f"HDR,SETTLEMENT,1,{WEDNESDAY}T13:30:00Z,{WEDNESDAY},{SANDBOX_BANK_ROUTING}\n"
        f"{''.join(lines)}TRL,2,0,0,{debit.cents},{credit.cents}\n"
    )
    fetched(town, report.encode(), at=morning(WEDNESDAY))
    batches.apply_received(at=morning(WEDNESDAY))


def _say_nothing_came_back(town: Town, on: date) -> None:
    notice = f"HDR,NO_RETURNS,1,{on}T13:00:00Z,{on},{SANDBOX_BANK_ROUTING}\nTRL,0\n"
    fetched(town, notice.encode(), at=morning(on))
    batches.apply_received(at=morning(on))
