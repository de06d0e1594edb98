from datetime import date

import pytest

from housing_ach.audit.models import Event
from housing_ach.tenants.models import PilotLease, Property
from housing_ach.tenants.readiness import readiness
from housing_ach.tenants.selectors import rollout_of
from housing_ach.tenants.services import (
    NotAllowed,
    NotLive,
    NotReady,
    end_pilot,
    name_pilot,
    require_live,
    set_policy,
    set_rollout,
)
from housing_ach.tenants.states import Role, Rollout
from tests.factories import (
    AT,
    ChargeScheduleFactory,
    FundFactory,
    LeaseFactory,
    MembershipFactory,
    PropertyFactory,
    ShadowRunFactory,
    WindowFactory,
)

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 2)
ALL = ["bank", "window", "connection", "people", "policy", "charges", "shadow"]


@pytest.fixture
def keeper():
    return MembershipFactory(role=Role.ADMIN).user


@pytest.fixture
def home():
    return PropertyFactory(rollout=Rollout.SHADOW)


@pytest.fixture
def ready(home, keeper):
    """Everything a property is asked for."""
    for fund in (home.operating_fund, home.deposit_fund):
        profile = fund.company.profile
        profile.client_key, profile.connected_at = "0" * 32, AT
        profile.save()
        WindowFactory(profile=profile)
    MembershipFactory.create_batch(2, role=Role.FINANCE)
    set_policy(by=keeper, at=AT, nsf_fee_cents=0)
    ChargeScheduleFactory(lease__unit__property=home)
    ShadowRunFactory(property=home, processing_on=ON)
    return home


def failed(home, **asked):
    return [check.code for check in readiness(home, on=ON, **asked) if not check.ok]


def test_a_new_property_is_disabled():
    funds = {"operating_fund": FundFactory(), "deposit_fund": FundFactory(deposit=True)}

    assert Property.objects.create(code="NEW", state="NY", **funds).rollout == Rollout.DISABLED


def test_a_pilot_is_live_for_the_named_leases_and_shadow_for_the_rest(home, keeper):
    named, other = LeaseFactory.create_batch(2, unit__property=home)
    name_pilot(named, by=keeper, at=AT)

    found = {}
    for mode in Rollout:
        Property.objects.filter(pk=home.pk).update(rollout=mode)
        found[mode] = (rollout_of(named), rollout_of(other))

    assert found == {
        "DISABLED": ("DISABLED", "DISABLED"),
        "SHADOW": ("SHADOW", "SHADOW"),
        "PILOT": ("LIVE", "SHADOW"),
        "LIVE": ("LIVE", "LIVE"),
    }


def test_a_pilot_is_named_once_and_ended(home, keeper):
    lease = LeaseFactory(unit__property=home)

    assert name_pilot(lease, by=keeper, at=AT) == name_pilot(lease, by=keeper, at=AT)
    end_pilot(lease, by=keeper)

    assert not PilotLease.objects.exists()


def test_what_is_not_live_is_refused_by_name(home):
    lease = LeaseFactory(unit__property=home)

    with pytest.raises(NotLive, match="SHADOW") as refused:
        require_live(lease)

    assert refused.value.field == "lease"


def test_a_bare_property_fails_every_check(home):
    assert failed(home) == ALL


def test_a_property_with_everything_is_ready(ready):
    assert failed(ready) == []


def test_a_pilot_needs_its_leases(ready, keeper):
    assert failed(ready, mode=Rollout.PILOT) == ["pilot"]

    name_pilot(ready.units.get().leases.get(), by=keeper, at=AT)

    assert failed(ready, mode=Rollout.PILOT) == []


def test_one_person_of_finance_is_not_two(ready):
    MembershipFactory._meta.model.objects.filter(role=Role.FINANCE).last().delete()

    assert failed(ready) == ["people"]


def test_a_shadow_run_with_findings_undoes_an_earlier_one_without(ready):
    ShadowRunFactory(property=ready, processing_on=date(2026, 3, 3), findings=["E14: no"])

    assert failed(ready) == ["shadow"]


def test_a_shadow_run_of_nothing_proves_nothing(home):
    ShadowRunFactory(property=home, processing_on=ON, entry_count=0, cents=0, sha256="")

    assert "shadow" in failed(home)


def test_an_old_shadow_run_proves_nothing(home):
    ShadowRunFactory(property=home, processing_on=date(2026, 1, 2))

    assert "shadow" in failed(home)


def test_money_does_not_move_at_a_property_that_is_not_ready(home, keeper):
    with pytest.raises(NotReady) as refused:
        set_rollout(home, Rollout.LIVE, by=keeper, at=AT)

    home.refresh_from_db()
    assert refused.value.field == "rollout"
    assert [check.code for check in refused.value.failed] == ALL
    assert home.rollout == Rollout.SHADOW


def test_a_reason_overrides_and_is_kept(home, keeper):
    set_rollout(home, Rollout.LIVE, by=keeper, at=AT, override="moved over from the old system")

    told = Event.objects.about(home).get(kind="property.rollout").data
    home.refresh_from_db()
    assert home.rollout == Rollout.LIVE
    assert (told["override"], told["failed"]) == ("moved over from the old system", ALL)


def test_a_ready_property_goes_live_without_a_reason(ready, keeper):
    set_rollout(ready, Rollout.LIVE, by=keeper, at=AT)

    assert Event.objects.about(ready).get(kind="property.rollout").data["failed"] == []


def test_stopping_needs_no_check(home, keeper):
    set_rollout(home, Rollout.DISABLED, by=keeper, at=AT)
    set_rollout(home, Rollout.DISABLED, by=keeper, at=AT)

    assert Event.objects.about(home).filter(kind="property.rollout").count() == 1


def test_only_an_administrator_sets_the_rollout(home):
    clerk = MembershipFactory(role=Role.FINANCE).user

    with pytest.raises(NotAllowed):
        set_rollout(home, Rollout.DISABLED, by=clerk, at=AT)
    with pytest.raises(NotAllowed):
        name_pilot(LeaseFactory(unit__property=home), by=clerk, at=AT)
