from datetime import date

import pytest

from housing_ach.ledger.models import Journal
from housing_ach.ledger.selectors import trial_balance
from housing_ach.tenants.models import Charge
from housing_ach.tenants.services import BadCharge, ExternalIdTaken, NoPayer, add_charge
from housing_ach.tenants.states import ChargeKind
from tests.factories import AT, LeaseFactory

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 10)


def add(lease, *, cents=50_00, **fields):
    return add_charge(
        lease=lease, kind=ChargeKind.LATE_FEE, cents=cents, due_on=ON, at=AT, **fields
    )


def test_a_fee_is_charged_and_posted():
    lease = LeaseFactory()

    charge = add(lease, memo="March")

    assert charge.period_on == date(2026, 3, 1)
    assert [share.cents for share in charge.shares.all()] == [50_00]
    assert trial_balance(charge.fund_id) == {"1200": 50_00, "4100": -50_00}


def test_the_same_request_again_gives_the_same_charge():
    lease = LeaseFactory()

    first, again = add(lease, external_id="erp-1"), add(lease, external_id="erp-1")

    assert again == first
    assert Charge.objects.count() == Journal.objects.count() == 1


def test_another_request_under_the_same_id_is_refused():
    lease = LeaseFactory()
    add(lease, external_id="erp-1")

    with pytest.raises(ExternalIdTaken, match="erp-1") as refused:
        add(lease, cents=51_00, external_id="erp-1")

    assert refused.value.ids == (Charge.objects.get().pk,)


def test_two_fees_without_an_id_are_two():
    lease = LeaseFactory()

    assert add(lease) != add(lease)


@pytest.mark.parametrize("cents", [0, -5])
def test_a_charge_is_a_positive_amount(cents):
    with pytest.raises(BadCharge) as refused:
        add(LeaseFactory(), cents=cents)

    assert refused.value.field == "cents"


def test_somebody_has_to_owe_it():
    lease = LeaseFactory(starts_on=date(2026, 4, 1))

    with pytest.raises(NoPayer, match="2026-03-10"):
        add(lease)

    assert not Charge.objects.exists()
