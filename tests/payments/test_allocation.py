from datetime import date

import pytest

from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.models import Transfer
from housing_ach.ledger.services import post
from housing_ach.payments.models import Allocation
from housing_ach.payments.services import allocate, apply_prepaid, unwind
from housing_ach.payments.states import PaymentStatus, Purpose
from housing_ach.tenants.states import ChargeKind
from tests.factories import AT, MandateFactory, PaymentFactory
from tests.payments.story import (
    DAY,
    aim,
    booked,
    give_back,
    offenders,
    owe,
    places,
    settle,
    shared_lease,
    to_be_charged,
)

pytestmark = pytest.mark.django_db

NOT_YET = date(2026, 4, 1)


def deposit_payment(mandate, cents):
    fund = mandate.lease.unit.property.deposit_fund
    return PaymentFactory(mandate=mandate, fund=fund, purpose=Purpose.DEPOSIT, cents=cents)


def test_the_oldest_charge_is_paid_first():
    payment = PaymentFactory(cents=1200_00)
    (march,) = owe(payment.lease, 1000_00, date(2026, 3, 1))
    (february,) = owe(payment.lease, 900_00, date(2026, 2, 1))

    settle(payment)

    assert places(payment) == {february.pk: 900_00, march.pk: 300_00}
    assert booked(payment, chart.TENANT_RECEIVABLE) == 700_00
    assert booked(payment, chart.PAYMENTS_PENDING) == 0
    assert offenders() == []


def test_what_no_charge_takes_is_prepaid_rent():
    payment = PaymentFactory(cents=1200_00)
    (march,) = owe(payment.lease, 1000_00)

    settle(payment)

    assert places(payment) == {march.pk: 1000_00, None: 200_00}
    assert booked(payment, chart.PREPAID_RENT) == -200_00
    assert offenders() == []


def test_a_charge_that_is_not_due_yet_is_not_paid():
    payment = PaymentFactory(cents=1000_00)
    owe(payment.lease, 1000_00, NOT_YET)

    settle(payment)

    assert places(payment) == {None: 1000_00}


def test_the_payers_own_charges_come_before_older_ones_of_others():
    lease, first, second = shared_lease()
    others, own = owe(lease, 1000_00, date(2026, 3, 1))
    payment = PaymentFactory(mandate=second, cents=700_00)

    settle(payment)

    assert own.tenant == second.tenant
    assert places(payment) == {own.pk: 500_00, others.pk: 200_00}
    assert booked(payment, chart.TENANT_RECEIVABLE, first.tenant) == 300_00
    assert offenders() == []


def test_money_for_the_payers_own_next_charge_is_not_spent_on_others():
    lease, _, second = shared_lease()
    others, own = owe(lease, 1000_00)
    _, next_own = owe(lease, 1000_00, NOT_YET)
    payment = PaymentFactory(mandate=second, cents=1100_00)
    aim(payment, next_own)

    settle(payment)

    assert places(payment) == {own.pk: 500_00, others.pk: 100_00, None: 500_00}


def test_payments_that_settle_together_share_the_charges():
    mandate = MandateFactory()
    (march,) = owe(mandate.lease, 1000_00)
    first, second = (PaymentFactory(mandate=mandate, cents=600_00) for _ in range(2))

    settle(first, second)

    assert places(first) == {march.pk: 600_00}
    assert places(second) == {march.pk: 400_00, None: 200_00}
    assert offenders() == []


def test_tenants_of_a_lease_who_settle_together_pay_their_own_first():
    lease, first, second = shared_lease()
    firsts, seconds = owe(lease, 1000_00)
    payments = [PaymentFactory(mandate=first, cents=800_00)]
    payments.append(PaymentFactory(mandate=second, cents=300_00))

    settle(*payments)

    assert places(payments[0]) == {firsts.pk: 500_00, seconds.pk: 200_00, None: 100_00}
    assert places(payments[1]) == {seconds.pk: 300_00}
    assert offenders() == []


def test_money_stays_in_its_fund():
    mandate = MandateFactory()
    owe(mandate.lease, 1000_00)
    payment = deposit_payment(mandate, 500_00)

    settle(payment)

    assert places(payment) == {None: 500_00}
    assert booked(payment, chart.UNAPPLIED_DEPOSIT) == -500_00


def test_a_deposit_that_is_paid_is_held():
    mandate = MandateFactory()
    (deposit,) = owe(mandate.lease, 800_00, kind=ChargeKind.DEPOSIT)
    payment = deposit_payment(mandate, 500_00)

    settle(payment)

    assert places(payment) == {deposit.pk: 500_00}
    assert booked(payment, chart.DEPOSIT_RECEIVABLE) == 300_00
    assert booked(payment, chart.DEPOSITS_HELD) == -500_00
    assert booked(payment, chart.DEPOSITS_BILLED) == -300_00


def test_allocating_again_does_nothing():
    payment = PaymentFactory(cents=1200_00)
    owe(payment.lease, 1000_00)
    settle(payment)
    before = Transfer.objects.count()

    allocate([payment.pk], on=DAY, at=AT)

    assert Allocation.objects.count() == 2
    assert Transfer.objects.count() == before


def test_a_returned_payment_is_not_placed():
    payment = PaymentFactory(status=PaymentStatus.RETURNED)
    owe(payment.lease)

    allocate([payment.pk], on=DAY, at=AT)

    assert places(payment) == {}


def test_other_drafts_are_posted_in_the_same_go():
    payment = PaymentFactory(cents=1000_00)
    bank, transit = (
        Key(payment.fund_id, chart.BANK),
        Key(payment.fund_id, chart.IN_TRANSIT, "batch:1"),
    )
    other = Draft("SETTLED", payment.fund_id, DAY, "story", 1, [Line(bank, transit, 5, "other")])

    allocate([payment.pk], on=DAY, at=AT, also=[other])

    assert Transfer.objects.filter(reference="other").exists()
    assert places(payment) == {None: 1000_00}


def test_a_return_opens_the_charges_again():
    payment = PaymentFactory(cents=1200_00)
    owe(payment.lease, 1000_00)
    settle(payment)

    cents = give_back(payment)

    assert cents == 1200_00
    assert places(payment) == {}
    assert booked(payment, chart.TENANT_RECEIVABLE) == 1000_00
    assert booked(payment, chart.PREPAID_RENT) == 0
    assert offenders() == []


def test_a_return_is_unwound_once():
    payment = PaymentFactory(cents=1000_00)
    settle(payment)
    give_back(payment)

    assert unwind(payment, against=to_be_charged(payment), on=DAY, at=AT) == 0


def test_a_returned_deposit_is_no_longer_held():
    mandate = MandateFactory()
    owe(mandate.lease, 800_00, kind=ChargeKind.DEPOSIT)
    payment = deposit_payment(mandate, 800_00)
    settle(payment)

    give_back(payment)

    assert booked(payment, chart.DEPOSITS_HELD) == 0
    assert booked(payment, chart.DEPOSITS_BILLED) == -800_00
    assert booked(payment, chart.DEPOSIT_RECEIVABLE) == 800_00


def test_deposit_money_that_has_left_is_missed_with_a_case():
    mandate = MandateFactory()
    owe(mandate.lease, 800_00, kind=ChargeKind.DEPOSIT)
    payment = deposit_payment(mandate, 800_00)
    settle(payment)
    refund(payment, 300_00)

    give_back(payment)

    assert booked(payment, chart.TRUST_SHORTAGE) == 300_00
    assert booked(payment, chart.DEPOSITS_HELD) == 0
    case = Case.objects.get(kind=CaseKind.TRUST_SHORTAGE)
    assert (case.subject_id, case.cents) == (str(payment.pk), 300_00)


def refund(payment, cents):
    held = Key(payment.fund_id, chart.DEPOSITS_HELD, payment.tenant.party, payment.lease_id)
    paid = Key(payment.fund_id, chart.DISBURSEMENTS_IN_TRANSIT, "batch:2")
    line = Line(held, paid, cents, "refund")
    post([Draft("REFUND", payment.fund_id, DAY, "story", 2, [line])], at=AT)


def test_prepaid_money_pays_the_next_charge_when_it_falls_due():
    payment = PaymentFactory(cents=1000_00)
    settle(payment)
    (april,) = owe(payment.lease, 700_00, NOT_YET)

    early, due = (apply_prepaid(on=on, at=AT) for on in (date(2026, 3, 31), NOT_YET))

    assert (early, due) == (0, 2)
    assert places(payment) == {april.pk: 700_00, None: 300_00}
    assert booked(payment, chart.PREPAID_RENT) == -300_00
    assert booked(payment, chart.TENANT_RECEIVABLE) == 0
    assert offenders() == []


def test_prepaid_money_is_applied_once():
    payment = PaymentFactory(cents=1000_00)
    settle(payment)
    owe(payment.lease, 700_00, NOT_YET)
    apply_prepaid(on=NOT_YET, at=AT)

    assert apply_prepaid(on=NOT_YET, at=AT) == 0
    assert offenders() == []


def test_prepaid_money_is_not_spent_on_another_tenants_charge():
    lease, _, second = shared_lease()
    payment = PaymentFactory(mandate=second, cents=700_00)
    settle(payment)
    _others, own = owe(lease, 1000_00)

    apply_prepaid(on=DAY, at=AT)

    assert places(payment) == {own.pk: 500_00, None: 200_00}


def test_unapplied_deposit_money_is_held_once_the_deposit_is_charged():
    mandate = MandateFactory()
    payment = deposit_payment(mandate, 500_00)
    settle(payment)
    owe(mandate.lease, 800_00, kind=ChargeKind.DEPOSIT)

    apply_prepaid(on=DAY, at=AT)

    assert booked(payment, chart.UNAPPLIED_DEPOSIT) == 0
    assert booked(payment, chart.DEPOSITS_HELD) == -500_00


def test_a_return_finds_prepaid_money_where_it_went():
    payment = PaymentFactory(cents=1000_00)
    settle(payment)
    owe(payment.lease, 700_00, NOT_YET)
    apply_prepaid(on=NOT_YET, at=AT)

    give_back(payment, on=date(2026, 4, 2))

    assert places(payment) == {}
    assert booked(payment, chart.TENANT_RECEIVABLE) == 700_00
    assert offenders() == []


def test_the_oldest_of_several_sums_kept_ahead_is_used_first():
    mandate = MandateFactory()
    first, second = (PaymentFactory(mandate=mandate, cents=400_00) for _ in range(2))
    settle(first, second)
    (april,) = owe(mandate.lease, 500_00, NOT_YET)

    apply_prepaid(on=NOT_YET, at=AT)

    assert places(first) == {april.pk: 400_00}
    assert places(second) == {april.pk: 100_00, None: 300_00}
    assert offenders() == []
