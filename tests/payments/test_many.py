"""Many debits asked for in one request: judged one by one, read and written all at once."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housing_ach.payments import services
from housing_ach.payments.models import Limit, Order, Payment, PaymentTarget
from housing_ach.payments.states import Direction
from housing_ach.shared.problems import Refusal
from tests.factories import AT, MandateFactory, PropertyFactory, UserFactory
from tests.payments.story import owe

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 3, 6)


def wish(mandate, cents=1000_00, **other):
    return services.Wish(
        tenant_id=mandate.tenant_id,
        lease_id=mandate.lease_id,
        mandate_id=mandate.pk,
        cents=cents,
        requested_on=FRIDAY,
        **other,
    )


def payers(count):
    mandates = [MandateFactory() for _ in range(count)]
    for mandate in mandates:
        owe(mandate.lease, 1000_00)
    return mandates


def ask(wishes, **more):
    return services.pay_many(wishes, by=UserFactory(), at=AT, **more)


def refused(outcomes):
    return [type(said).__name__ if isinstance(said, Refusal) else "" for said in outcomes]


def test_each_wish_gets_its_order_in_their_order():
    mandates = payers(3)

    orders = ask([wish(mandate, 100_00 + number) for number, mandate in enumerate(mandates)])

    assert [(order.tenant_id, order.cents) for order in orders] == [
        (mandate.tenant_id, 100_00 + number) for number, mandate in enumerate(mandates)
    ]
    assert Payment.objects.filter(status="SCHEDULED", order__in=orders).count() == 3
    assert PaymentTarget.objects.count() == 3


def test_one_that_is_refused_leaves_nothing_and_all_are_named():
    mandates = payers(3)
    wishes = [wish(mandates[0], 5), wish(mandates[1], 2000_00), wish(mandates[2], 0)]

    with pytest.raises(services.SomeRefused) as said:
        ask(wishes)

    assert {place: type(why) for place, why in said.value.refusals.items()} == {
        1: services.NothingOpen,
        2: services.NoAmount,
    }
    assert not Order.objects.exists()


def test_the_rest_goes_where_only_part_is_wanted():
    mandates = payers(2)

    outcomes = ask([wish(mandates[0], 2000_00), wish(mandates[1])], partial=True)

    assert refused(outcomes) == ["NothingOpen", ""]
    assert Order.objects.get() == outcomes[1]


def test_a_wish_sees_what_those_before_it_took():
    (mandate,) = payers(1)

    outcomes = ask(
        [wish(mandate, 700_00), wish(mandate, 400_00), wish(mandate, 300_00)], partial=True
    )

    assert refused(outcomes) == ["", "DuplicatePayment", ""]
    assert sum(target.cents for target in PaymentTarget.objects.all()) == 1000_00


def test_the_same_amount_twice_is_a_duplicate():
    (mandate,) = payers(1)

    outcomes = ask([wish(mandate, 5_00), wish(mandate, 5_00)], partial=True)

    assert refused(outcomes) == ["", "DuplicatePayment"]


def test_a_permission_for_one_payment_is_used_up_within_the_request():
    mandate = MandateFactory(recurring=False)
    owe(mandate.lease, 1000_00)

    outcomes = ask([wish(mandate, 5_00), wish(mandate, 6_00)], partial=True)

    assert refused(outcomes) == ["", "OutsideMandate"]


def test_an_external_id_is_named_once():
    first, second = payers(2)

    outcomes = ask([wish(first, external_id="a"), wish(second, external_id="a")], partial=True)

    assert refused(outcomes) == ["", "ExternalIdTaken"]


def test_the_limit_of_a_day_counts_the_whole_request():
    mandates = payers(3)
    for mandate in mandates:
        company = mandate.lease.unit.property.operating_fund.company
        Limit.objects.get_or_create(
            company=company, direction=Direction.DEBIT, defaults={"per_day_cents": 1500_00}
        )
    owe(mandates[0].lease, 1000_00)

    outcomes = ask([wish(mandates[0], 1000_00), wish(mandates[0], 600_00)], partial=True)

    assert refused(outcomes) == ["", "OverLimit"]


def test_what_was_made_before_is_given_again():
    (mandate,) = payers(1)
    (first,) = ask([wish(mandate, external_id="a")])

    assert ask([wish(mandate, external_id="a")]) == [first]


def test_a_hundred_take_as_many_statements_as_two():
    home, by = PropertyFactory(), UserFactory()
    counts = []
    for count in (2, 100):
        mandates = [MandateFactory(lease__unit__property=home) for _ in range(count)]
        for mandate in mandates:
            owe(mandate.lease, 1000_00)
        with CaptureQueriesContext(connection) as asked:
            services.pay_many([wish(mandate) for mandate in mandates], by=by, at=AT)
        counts.append(len(asked))

    assert counts[0] == counts[1]
