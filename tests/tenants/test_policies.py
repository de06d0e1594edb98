import pytest
from django.db import IntegrityError

from housing_ach.audit.models import Event
from housing_ach.tenants.models import Policy
from housing_ach.tenants.selectors import Partial, effective_policies, effective_policy
from housing_ach.tenants.services import (
    BadPolicy,
    NotAllowed,
    NotOffered,
    require_offered,
    set_policy,
)
from housing_ach.tenants.states import Origin, PartialRule, Role, Roll, VerificationOffer
from tests.factories import AT, LeaseFactory, MembershipFactory, PropertyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return MembershipFactory(role=Role.ADMIN).user


@pytest.fixture
def home():
    return PropertyFactory()


def test_nothing_said_is_the_default(home):
    policy = effective_policy(property=home)

    assert policy.partial.value == Partial(PartialRule.ALLOW)
    assert policy.reminder_days.value == (7, 1)
    assert {policy.partial.origin, policy.roll.origin, policy.nsf_fee_cents.origin} == {
        Origin.DEFAULT
    }


def test_a_property_says_it_before_the_organisation(home, keeper):
    set_policy(by=keeper, at=AT, roll=Roll.BACKWARD, nsf_fee_cents=25_00)
    set_policy(by=keeper, at=AT, property=home, nsf_fee_cents=0)

    policy = effective_policy(property=home)

    assert (policy.nsf_fee_cents.value, policy.nsf_fee_cents.origin) == (0, Origin.PROPERTY)
    assert (policy.roll.value, policy.roll.origin) == (Roll.BACKWARD, Origin.ORGANISATION)


def test_a_lease_has_the_policy_of_its_property(home, keeper):
    lease = LeaseFactory(unit__property=home)
    set_policy(by=keeper, at=AT, property=home, partial=PartialRule.DENY)

    assert effective_policy(lease=lease).partial.value.rule == PartialRule.DENY


def test_another_property_says_nothing_here(home, keeper):
    set_policy(by=keeper, at=AT, property=PropertyFactory(), partial=PartialRule.DENY)

    assert effective_policy(property=home).partial.value.rule == PartialRule.ALLOW


def test_what_is_taken_back_is_the_levels_above(home, keeper):
    set_policy(by=keeper, at=AT, property=home, partial=PartialRule.DENY, reminder_days=[])

    set_policy(by=keeper, at=AT, property=home, partial=None)

    policy = effective_policy(property=home)
    assert policy.partial.origin == Origin.DEFAULT
    assert (policy.reminder_days.value, policy.reminder_days.origin) == ((), Origin.PROPERTY)


def test_many_properties_cost_one_query(home, keeper, django_assert_num_queries):
    other = PropertyFactory()
    set_policy(by=keeper, at=AT, property=other, nsf_fee_cents=10_00)

    with django_assert_num_queries(1):
        found = effective_policies([home.pk, other.pk])

    assert [found[pk].nsf_fee_cents.value for pk in (home.pk, other.pk)] == [0, 10_00]


@pytest.mark.parametrize(
    ("partial", "least"),
    [
        (Partial(PartialRule.ALLOW), 1),
        (Partial(PartialRule.MIN_AMOUNT, cents=300_00), 300_00),
        (Partial(PartialRule.MIN_AMOUNT, cents=3000_00), 1000_01),
        (Partial(PartialRule.MIN_PERCENT, bps=5000), 500_01),
        (Partial(PartialRule.DENY), 1000_01),
    ],
)
def test_the_least_payment_follows_the_rule(partial, least):
    assert partial.least_cents(1000_01) == least


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"partial": "SOMETIMES"}, "partial"),
        ({"partial": "MIN_AMOUNT"}, "partial_cents"),
        ({"partial": "MIN_AMOUNT", "partial_cents": 0}, "partial_cents"),
        ({"partial": "MIN_PERCENT", "partial_bps": 10_001}, "partial_bps"),
        ({"partial_bps": 10}, "partial_bps"),
        ({"verification": []}, "verification"),
        ({"verification": ["GUESS"]}, "verification"),
        ({"roll": "SIDEWAYS"}, "roll"),
        ({"reminder_days": [0]}, "reminder_days"),
        ({"nsf_fee_cents": -1}, "nsf_fee_cents"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_refusal_names_the_field(keeper, terms, field):
    with pytest.raises(BadPolicy) as refused:
        set_policy(by=keeper, at=AT, **terms)

    assert refused.value.field == field
    assert not Policy.objects.exists()


def test_only_an_administrator_sets_a_policy(home):
    clerk = MembershipFactory(role=Role.FINANCE).user

    with pytest.raises(NotAllowed):
        set_policy(by=clerk, at=AT, property=home, nsf_fee_cents=10_00)


def test_an_administrator_of_one_property_sets_no_other(home):
    keeper = MembershipFactory(role=Role.ADMIN, property=home).user
    set_policy(by=keeper, at=AT, property=home, nsf_fee_cents=10_00)

    for elsewhere in (PropertyFactory(), None):
        with pytest.raises(NotAllowed):
            set_policy(by=keeper, at=AT, property=elsewhere, nsf_fee_cents=10_00)


def test_every_change_is_in_the_audit(home, keeper):
    set_policy(by=keeper, at=AT, property=home, nsf_fee_cents=10_00)
    policy = set_policy(by=keeper, at=AT, property=home, nsf_fee_cents=20_00)

    told = Event.objects.about(policy).order_by("id").values_list("kind", flat=True)

    assert list(told) == ["row.insert", "row.update"]


def test_a_method_that_is_not_offered_is_refused(home, keeper):
    lease = LeaseFactory(unit__property=home)
    set_policy(by=keeper, at=AT, verification=[VerificationOffer.PRENOTE])

    require_offered(lease, VerificationOffer.PRENOTE)
    with pytest.raises(NotOffered):
        require_offered(lease, VerificationOffer.MICRO_DEPOSIT)


@pytest.mark.parametrize(
    "values",
    [
        {"partial": "MIN_AMOUNT"},
        {"partial": "DENY", "partial_bps": 1},
        {"verification": []},
        {"verification": ["GUESS"]},
        {"reminder_days": [32]},
        {"nsf_fee_cents": -1},
    ],
)
def test_the_database_keeps_no_policy_that_makes_no_sense(values):
    with pytest.raises(IntegrityError):
        Policy.objects.create(changed_by=UserFactory(), changed_at=AT, **values)


def test_a_level_has_one_policy():
    by = UserFactory()
    Policy.objects.create(changed_by=by, changed_at=AT)

    with pytest.raises(IntegrityError):
        Policy.objects.create(changed_by=by, changed_at=AT)
