"""The housing system tells who lives where, again and again."""

import json

import pytest
from django.test import Client as Browser

from housing_ach.audit.models import Event
from housing_ach.clock import services as clock
from housing_ach.tenants.models import Lease, LeaseShare, Property, Tenant, Unit
from housing_ach.tenants.states import Rollout
from housing_ach.users.states import Scope
from tests.api.calling import bearer, registered, token_of
from tests.factories import (
    AT,
    FundFactory,
    LeaseFactory,
    PropertyFactory,
    TenantFactory,
    UnitFactory,
)
from tests.payments.story import owe

V1 = "/api/v1/"


@pytest.fixture
def token(db):
    clock.start(AT)
    return token_of(*registered(scopes=(Scope.READ, Scope.WRITE)))


def get(token, place, **headers):
    return Browser().get(V1 + place, headers=bearer(token) | headers)


def put(token, place, body, **headers):
    return Browser().put(
        V1 + place,
        json.dumps(body),
        content_type="application/json",
        headers=bearer(token) | headers,
    )


def as_seen(answer):
    return {"If-Match": answer["ETag"]}


def house(**other):
    return {
        "code": "ALDER",
        "name": "Alder House",
        "state": "NY",
        "address": "1 Alder Street",
        "operating_fund": FundFactory(code="OP").code,
        "deposit_fund": FundFactory(code="DEP", deposit=True).code,
    } | other


def person(**other):
    return {"name": "Ada Moss", "email": "ada@example.org"} | other


def tenancy(unit, *tenants, **other):
    return {
        "unit": unit.external_id,
        "starts_on": "2026-01-01",
        "payers": [{"tenant": tenant.external_id, "weight": 1} for tenant in tenants],
    } | other


def events():
    return Event.objects.count()


class TestAParty:
    def test_that_is_new_is_made_and_moves_no_money(self, token):
        answer = put(token, "properties/b-1", house())

        made = Property.objects.get(external_id="b-1")
        assert answer.status_code == 201
        assert made.rollout == Rollout.DISABLED
        assert answer.json() == {
            "object": "property",
            "id": str(made.pk),
            "external_id": "b-1",
            "livemode": False,
            "code": "ALDER",
            "name": "Alder House",
            "state": "NY",
            "address": "1 Alder Street",
            "operating_fund": "OP",
            "deposit_fund": "DEP",
            "rollout": "disabled",
        }

    def test_that_is_told_again_leaves_no_trace(self, token):
        put(token, "tenants/t-1", person())
        before = events()

        answer = put(token, "tenants/t-1", person())

        assert (answer.status_code, events()) == (200, before)

    def test_that_differs_is_changed_as_it_was_seen(self, token):
        made = put(token, "tenants/t-1", person())

        answer = put(token, "tenants/t-1", person(name="Ada Reed"), **as_seen(made))

        assert answer.status_code == 200
        assert Tenant.objects.get(external_id="t-1").name == "Ada Reed"
        assert answer["ETag"] != made["ETag"]
        assert answer["ETag"] == get(token, "tenants/t-1")["ETag"]

    def test_is_not_changed_unseen(self, token):
        put(token, "tenants/t-1", person())

        answer = put(token, "tenants/t-1", person(name="Ada Reed"))

        assert answer.status_code == 428
        assert answer.json()["type"] == "/problems/precondition-required"
        assert Tenant.objects.get(external_id="t-1").name == "Ada Moss"

    def test_is_not_changed_over_another_change(self, token):
        made = put(token, "tenants/t-1", person())
        put(token, "tenants/t-1", person(name="Ada Reed"), **as_seen(made))

        answer = put(token, "tenants/t-1", person(name="Ada Stone"), **as_seen(made))

        assert answer.status_code == 412
        assert answer.json()["type"] == "/problems/precondition-failed"
        assert Tenant.objects.get(external_id="t-1").name == "Ada Reed"

    def test_is_not_made_where_a_change_was_meant(self, token):
        answer = put(token, "tenants/t-1", person(), **{"If-Match": "*"})

        assert answer.status_code == 412
        assert not Tenant.objects.filter(external_id="t-1").exists()

    def test_is_made_once_where_only_making_was_meant(self, token):
        first, second = (
            put(token, "tenants/t-1", person(), **{"If-None-Match": "*"}) for _ in range(2)
        )

        assert (first.status_code, second.status_code) == (201, 412)

    def test_that_is_known_is_not_sent_again(self, token):
        tag = put(token, "tenants/t-1", person())["ETag"]

        answer = get(token, "tenants/t-1", **{"If-None-Match": f"W/{tag}"})

        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)

    def test_that_nobody_told_is_not_there(self, token):
        PropertyFactory()

        assert get(token, "properties/b-1").status_code == 404

    def test_keeps_its_person_to_itself(self, token):
        put(token, "tenants/t-1", person())

        told = get(token, "tenants/t-1").content + get(token, "tenants").content

        assert b"Ada" not in told
        assert b"ada@" not in told

    @pytest.mark.parametrize("field", ["ssn", "birth_date", "race", "account_number"])
    def test_has_no_field_for_what_is_never_taken(self, token, field):
        answer = put(token, "tenants/t-1", person(**{field: "x"}))

        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {"pointer": f"/{field}", "code": "unknown", "message": "Unknown field."}
        ]

    def test_has_an_id_that_fits_into_an_address(self, token):
        answer = put(token, "tenants/a%20b", person())

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/external_id"


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "OTHER"), ("state", "NJ"), ("operating_fund", "OP-2"), ("deposit_fund", "DEP-2")],
)
def test_what_staff_decided_about_a_property_stays(token, field, value):
    FundFactory(code="OP-2")
    FundFactory(code="DEP-2", deposit=True)
    body = house()
    made = put(token, "properties/b-1", body)

    answer = put(token, "properties/b-1", body | {field: value}, **as_seen(made))

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "FixedByBooks"
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("field", ["operating_fund", "deposit_fund"])
def test_a_fund_is_of_its_kind(token, field):
    other = {"operating_fund": "DEP", "deposit_fund": "OP"}[field]

    answer = put(token, "properties/b-1", house(**{field: other}))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")


def test_a_code_that_is_taken_is_named(token):
    PropertyFactory(code="ALDER")

    answer = put(token, "properties/b-1", house())

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "NameTaken")


class TestAUnit:
    def test_is_of_a_property_that_is_there(self, token):
        answer = put(token, "units/u-1", {"property": "b-1", "name": "3B"})

        assert answer.json()["errors"] == [
            {"pointer": "/property", "code": "not_found", "message": "There is no such thing."}
        ]

    def test_may_be_called_otherwise_but_not_moved(self, token):
        homes = [PropertyFactory(external_id=name) for name in ("b-1", "b-2")]
        made = put(token, "units/u-1", {"property": "b-1", "name": "3B"})

        moved = put(token, "units/u-1", {"property": "b-2", "name": "3B"}, **as_seen(made))
        renamed = put(token, "units/u-1", {"property": "b-1", "name": "3C"}, **as_seen(made))

        assert (moved.status_code, renamed.status_code) == (409, 200)
        assert Unit.objects.get(name="3C").property == homes[0]

    def test_keeps_its_name_from_others(self, token):
        UnitFactory(property=PropertyFactory(external_id="b-1"), name="3B")

        answer = put(token, "units/u-1", {"property": "b-1", "name": "3B"})

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/name")


class TestALease:
    @pytest.fixture
    def unit(self, token):
        return UnitFactory(external_id="u-1", property=PropertyFactory(external_id="b-1"))

    @pytest.fixture
    def payers(self, token):
        return TenantFactory(external_id="t-1"), TenantFactory(external_id="t-2")

    def test_is_made_with_who_pays(self, token, unit, payers):
        answer = put(token, "leases/l-1", tenancy(unit, *payers))

        shares = LeaseShare.objects.filter(lease__external_id="l-1").order_by("pk")
        assert answer.status_code == 201
        assert [(share.tenant, share.is_primary) for share in shares] == [
            (payers[0], True),
            (payers[1], False),
        ]
        assert answer.json()["payers"] == [
            {"tenant": "t-1", "weight": 1},
            {"tenant": "t-2", "weight": 1},
        ]
        assert (answer.json()["property"], answer.json()["unit"]) == ("b-1", "u-1")

    def test_that_is_told_again_leaves_no_trace(self, token, unit, payers):
        put(token, "leases/l-1", tenancy(unit, *payers))
        before = events()

        answer = put(token, "leases/l-1", tenancy(unit, *payers))

        assert (answer.status_code, events()) == (200, before)

    def test_ends_when_the_housing_system_says_so(self, token, unit, payers):
        made = put(token, "leases/l-1", tenancy(unit, *payers))

        answer = put(
            token, "leases/l-1", tenancy(unit, *payers, ends_on="2026-06-30"), **as_seen(made)
        )

        assert (answer.status_code, answer.json()["ends_on"]) == (200, "2026-06-30")

    def test_is_paid_by_others_from_a_day_on(self, token, unit, payers):
        made = put(token, "leases/l-1", tenancy(unit, payers[0]))
        body = tenancy(unit, payers[1])

        unsaid = put(token, "leases/l-1", body, **as_seen(made))
        said = put(token, "leases/l-1", body | {"payers_from": "2026-05-01"}, **as_seen(made))

        assert (unsaid.status_code, said.status_code) == (409, 200)
        assert unsaid.json()["errors"][0]["pointer"] == "/payers_from"
        assert said.json()["payers"] == [{"tenant": "t-2", "weight": 1}]

    def test_does_not_move_to_another_building(self, token, unit, payers):
        made = put(token, "leases/l-1", tenancy(unit, *payers))
        near = UnitFactory(external_id="u-2", property=unit.property)
        far = UnitFactory(external_id="u-3")

        moved = put(token, "leases/l-1", tenancy(far, *payers), **as_seen(made))
        changed = put(token, "leases/l-1", tenancy(near, *payers), **as_seen(made))

        assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (409, "/unit")
        assert (changed.status_code, changed.json()["unit"]) == (200, "u-2")

    def test_begins_another_day_until_something_is_charged(self, token, unit, payers):
        made = put(token, "leases/l-1", tenancy(unit, *payers))

        later = put(
            token, "leases/l-1", tenancy(unit, *payers, starts_on="2026-02-01"), **as_seen(made)
        )
        owe(Lease.objects.get(external_id="l-1"))
        charged = put(token, "leases/l-1", tenancy(unit, *payers), **as_seen(later))

        assert (later.status_code, charged.status_code) == (200, 409)
        assert charged.json()["errors"][0]["pointer"] == "/starts_on"
        assert str(LeaseShare.objects.first().starts_on) == "2026-02-01"

    def test_names_payers_that_are_there(self, token, unit):
        answer = put(token, "leases/l-1", tenancy(unit, payers=[{"tenant": "t-9"}]))

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/payers")

    @pytest.mark.parametrize("wrong", [{"ends_on": "2025-12-31"}, {"payers": []}], ids=str)
    def test_makes_sense(self, token, unit, payers, wrong):
        answer = put(token, "leases/l-1", tenancy(unit, *payers, **wrong))

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(wrong))}"


class TestAList:
    def test_goes_on_where_it_ended(self, token):
        for number in range(3):
            put(token, f"tenants/t-{number}", person())

        first = get(token, "tenants?limit=2").json()
        rest = get(token, f"tenants?limit=2&cursor={first['next_cursor']}").json()

        assert [row["external_id"] for row in first["data"]] == ["t-0", "t-1"]
        assert [row["external_id"] for row in rest["data"]] == ["t-2"]
        assert (first["has_more"], rest["has_more"]) == (True, False)

    @pytest.mark.parametrize("kind", ["units", "leases"])
    def test_is_of_one_property_where_that_is_asked(self, token, kind):
        for name in ("b-1", "b-2"):
            unit = UnitFactory(external_id=f"u-{name}", property=PropertyFactory(external_id=name))
            LeaseFactory(unit=unit)

        rows = get(token, f"{kind}?property=b-2").json()["data"]

        assert [row["property"] for row in rows] == ["b-2"]

    @pytest.mark.parametrize("kind", ["properties", "units", "tenants", "leases"])
    def test_asks_as_often_for_many_as_for_few(self, token, kind, django_assert_max_num_queries):
        for _ in range(5):
            LeaseFactory()

        with django_assert_max_num_queries(6):
            assert len(get(token, kind).json()["data"]) == 5

    def test_knows_no_other_parameter(self, token):
        assert get(token, "tenants?updated_since=2026-01-01").status_code == 400
