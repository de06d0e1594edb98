"""Whatever order charges, payments, returns and prepaid money come in, the books keep their promises."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from housing_ach.audit.move import move
from housing_ach.payments.models import Allocation
from housing_ach.payments.selectors import open_shares
from housing_ach.payments.services import apply_prepaid
from housing_ach.payments.states import PaymentStatus, Purpose
from housing_ach.proof import books
from housing_ach.tenants.models import ChargeShare
from housing_ach.tenants.states import ChargeKind
from tests.factories import AT, PaymentFactory
from tests.payments.story import DAY, aim, give_back, offenders, owe, places, settle, shared_lease

pytestmark = pytest.mark.django_db

CENTS = st.integers(1, 50_00)
DAYS = st.integers(-5, 20)
CHARGE = st.tuples(
    st.just("charge"), CENTS, DAYS, st.sampled_from([ChargeKind.RENT, ChargeKind.DEPOSIT])
)
PAYMENT = st.tuples(st.integers(0, 1), CENTS, st.booleans(), st.booleans())
STEPS = st.one_of(
    CHARGE,
    st.tuples(st.just("settle"), st.lists(PAYMENT, min_size=1, max_size=3), DAYS),
    st.tuples(st.just("return"), st.integers(0, 5), DAYS),
    st.tuples(st.just("again"), st.integers(0, 5), DAYS),
    st.tuples(st.just("prepaid"), DAYS),
)


class Lease:
    """Two tenants, and what happens to them."""

    def __init__(self):
        self.lease, *self.mandates = shared_lease()
        self.payments = []

    def charge(self, cents, days, kind):
        # Each of the two owes at least a cent.
        owe(self.lease, cents + 1, DAY + timedelta(days=days), kind)

    def settle(self, payments, days):
        made = [self._made(*payment) for payment in payments]
        self.payments += made
        settle(*made, on=DAY + timedelta(days=days))

    def give_back(self, number, days):
        if payment := self._pick(number, PaymentStatus.SETTLED):
            give_back(payment, on=DAY + timedelta(days=days))

    def settle_again(self, number, days):
        if payment := self._pick(number, PaymentStatus.RETURNED):
            if payment.retries == 2:
                return
            move(payment, PaymentStatus.SCHEDULED, retries=payment.retries + 1)
            settle(payment, on=DAY + timedelta(days=days))

    def prepaid(self, days):
        on = DAY + timedelta(days=days)
        apply_prepaid(on=on, at=AT)
        self.nobody_has_money_ahead_beside_a_charge_due(on)

    def nobody_has_money_ahead_beside_a_charge_due(self, on):
        for mandate in self.mandates:
            ahead = {p.fund_id for p in self.payments if p.mandate == mandate and None in places(p)}
            shares = open_shares(lease=self.lease, tenant=mandate.tenant)
            assert not ahead & {share.fund_id for share in shares if share.due_on <= on}

    def nothing_is_paid_twice(self):
        paid = Allocation.objects.live().filter(share__charge__lease=self.lease)
        sums = dict(paid.values_list("share").annotate(cents=Sum("cents")))
        owed = dict(ChargeShare.objects.filter(pk__in=sums).values_list("pk", "cents"))
        assert all(cents <= owed[share] for share, cents in sums.items())

    def returned_money_is_nowhere(self):
        for payment in self.payments:
            placed = sum(places(payment).values())
            assert placed == (0 if payment.status == PaymentStatus.RETURNED else payment.cents)

    def _made(self, payer, cents, deposit, aims):
        mandate = self.mandates[payer]
        house = self.lease.unit.property
        fund = house.deposit_fund if deposit else house.operating_fund
        purpose = Purpose.DEPOSIT if deposit else Purpose.RENT
        payment = PaymentFactory(mandate=mandate, fund=fund, purpose=purpose, cents=cents)
        if aims:
            own = open_shares(lease=self.lease, tenant=mandate.tenant)
            ids = [share.share_id for share in own if share.fund_id == fund.pk]
            aim(payment, *ChargeShare.objects.filter(pk__in=ids[:1]))
        return payment

    def _pick(self, number, status):
        fitting = [payment for payment in self.payments if payment.status == status]
        return fitting[number % len(fitting)] if fitting else None


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=2, max_size=9))
def test_the_invariants_hold_after_every_step(steps):
    story = Lease()
    does = {
        "charge": story.charge,
        "settle": story.settle,
        "return": story.give_back,
        "again": story.settle_again,
        "prepaid": story.prepaid,
    }

    for what, *how in steps:
        does[what](*how)
        story.nothing_is_paid_twice()
        story.returned_money_is_nowhere()
        assert offenders() == []
        assert books.trust().offenders == []
