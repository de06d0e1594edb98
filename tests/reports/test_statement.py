from datetime import date

from housing_ach.batches.models import Entry
from housing_ach.ledger.selectors import statement_of
from housing_ach.payments.models import Payment
from housing_ach.reports.selectors import statement
from housing_ach.tenants.models import LeaseShare
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from tests.batches.town import NOON, TUESDAY, Town
from tests.factories import TenantFactory
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, deliver

LONG = date(2026, 1, 1), date(2026, 12, 31)


def test_it_tells_charge_payment_and_return_with_the_balance_after_each(town: Town, settled: Entry):
    deliver(town, about(settled, "R02"))
    payment = settled.payment

    told = statement(payment.lease, payment.tenant, *LONG)

    assert [(line.on, line.what, line.cents, line.balance_cents) for line in told.lines] == [
        (TUESDAY, "CHARGE", 1000_00, 1000_00),
        (TUESDAY, "PAYMENT", -1000_00, 0),
        (RETURNED_ON, "RETURN", 1000_00, 1000_00),
    ]
    assert (told.charged_cents, told.paid_cents, told.returned_cents) == (1000_00,) * 3


def test_its_last_balance_is_that_of_the_ledger(settled: Entry):
    payment = settled.payment
    charge(payment, cents=25_00)

    told = statement(payment.lease, payment.tenant, *LONG)

    assert told.closing_cents == statement_of(payment.lease_id)[-1].balance_cents == 25_00


def test_what_lies_before_it_is_brought_forward(settled: Entry):
    payment = settled.payment
    charge(payment, cents=25_00, due_on=date(2026, 2, 1))

    told = statement(payment.lease, payment.tenant, TUESDAY, TUESDAY)

    assert told.opening_cents == 25_00
    assert [line.balance_cents for line in told.lines] == [1025_00, 25_00]


def test_what_lies_behind_it_is_left_out(settled: Entry):
    payment = settled.payment
    charge(payment, cents=25_00, due_on=date(2026, 4, 1))

    told = statement(payment.lease, payment.tenant, date(2026, 3, 1), date(2026, 3, 31))

    assert told.closing_cents == 0


def test_an_empty_range_keeps_the_balance(settled: Entry):
    payment = settled.payment
    charge(payment, cents=25_00)

    told = statement(payment.lease, payment.tenant, date(2026, 6, 1), date(2026, 6, 30))

    assert (told.lines, told.opening_cents, told.closing_cents) == ([], 25_00, 25_00)


def test_a_roommates_charges_are_not_in_it(settled: Entry):
    payment = settled.payment
    mate = TenantFactory()
    LeaseShare.objects.create(lease=payment.lease, tenant=mate, starts_on=date(2026, 3, 4))
    charge(payment, cents=100_00, due_on=date(2026, 4, 1))

    mine = statement(payment.lease, payment.tenant, *LONG)
    theirs = statement(payment.lease, mate, *LONG)

    assert mine.closing_cents == 50_00
    assert [line.cents for line in theirs.lines] == [50_00]


def test_a_payment_on_its_way_is_told_but_not_counted(town: Town):
    payment = town.debit()

    told = statement(payment.lease, payment.tenant, *LONG)

    assert told.closing_cents == 1000_00
    assert [(row.order_id, row.cents) for row in told.underway] == [(payment.order_id, 1000_00)]


def charge(payment: Payment, *, cents: int, due_on: date = date(2026, 3, 10)) -> None:
    add_charge(lease=payment.lease, kind=ChargeKind.UTILITY, cents=cents, due_on=due_on, at=NOON)
