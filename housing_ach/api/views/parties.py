"""What the housing system keeps in step: told by PUT under its own ids, once or a hundred times."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors, etags
from housing_ach.api.finding import fund_named, property_named, tenants_named, unit_named
from housing_ach.api.serializers import parties as told
from housing_ach.api.serializers.base import Strict
from housing_ach.api.shown import parties as shown
from housing_ach.api.views.base import ApiView, ObjectView
from housing_ach.ledger.states import FundKind
from housing_ach.tenants import services
from housing_ach.users.states import Scope

Guard = Callable[[Any], None]


class PartiesView(ApiView):
    """All of a kind, in the order they came; of one property where `property` names it."""

    scopes: ClassVar = {"GET": Scope.READ}
    kind: shown.Kind
    property_path: ClassVar[str] = ""
    parameters = cursors.PARAMETERS

    def get(self, request: Request) -> Response:
        rows, place = self.kind.rows(), type(self).__name__
        if (wanted := request.query_params.get("property")) is not None:
            rows = rows.filter(**{self.property_path: wanted})
            place = f"{place}:{wanted}"
        return Response(cursors.page_of(request, rows, self.kind.shown, place=place))


class PartyView(ObjectView):
    """Made where it is new; else changed where it differs, which needs If-Match.

    What is told again as it is, changes nothing and leaves no trace.
    """

    scopes: ClassVar = {"GET": Scope.READ, "PUT": Scope.WRITE}
    kind: shown.Kind
    serializer: type[Strict]

    def get(self, request: Request, external_id: str) -> Response:
        row = get_object_or_404(self.kind.rows(), external_id=external_id)
        return self.told(request, self.one(row), hidden=self.hidden(row))

    def put(self, request: Request, external_id: str) -> Response:
        address = told.AddressedSerializer(data={"external_id": external_id})
        address.is_valid(raise_exception=True)
        asked = type(self).serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row, is_new = self.save(
            external_id, asked.validated_data, lambda row: self.guard(request, row)
        )
        if is_new:
            etags.require_match(request, None, needed=False)
        elif request.headers.get("If-None-Match") == etags.ANY:
            raise etags.Stale
        row = self.kind.rows().get(pk=row.pk)
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return self.told(request, self.one(row), hidden=self.hidden(row), status=status)

    def guard(self, request: Request, row: Any) -> None:
        seen = self.kind.rows().get(pk=row.pk)
        self.require_match(request, self.one(seen), hidden=self.hidden(seen))

    def one(self, row: Any) -> dict[str, Any]:
        return self.kind.shown([row])[0]

    def hidden(self, row: Any) -> Mapping[str, Any] | None:
        return None

    def save(self, external_id: str, asked: Mapping[str, Any], guard: Guard) -> tuple[Any, bool]:
        raise NotImplementedError


class PropertiesView(PartiesView):
    kind = shown.PROPERTY


class PropertyView(PartyView):
    kind = shown.PROPERTY
    serializer = told.PropertySerializer

    def save(self, external_id: str, asked: Mapping[str, Any], guard: Guard) -> tuple[Any, bool]:
        funds = {
            name: fund_named(asked[name], kind, field=name)
            for name, kind in (
                ("operating_fund", FundKind.OPERATING),
                ("deposit_fund", FundKind.DEPOSIT_TRUST),
            )
        }
        terms: Any = {**asked, **funds}
        return services.put_property(external_id, guard=guard, **terms)


class UnitsView(PartiesView):
    kind = shown.UNIT
    property_path = "property__external_id"
    parameters = cursors.PARAMETERS | {"property"}


class UnitView(PartyView):
    kind = shown.UNIT
    serializer = told.UnitSerializer

    def save(self, external_id: str, asked: Mapping[str, Any], guard: Guard) -> tuple[Any, bool]:
        home = property_named(asked["property"])
        return services.put_unit(external_id, guard=guard, property=home, name=asked["name"])


class TenantsView(PartiesView):
    kind = shown.TENANT


class TenantView(PartyView):
    kind = shown.TENANT
    serializer = told.TenantSerializer

    def hidden(self, row: Any) -> Mapping[str, Any]:
        return {"name": row.name, "email": row.email}

    def save(self, external_id: str, asked: Mapping[str, Any], guard: Guard) -> tuple[Any, bool]:
        return services.put_tenant(
            external_id, guard=guard, name=asked["name"], email=asked["email"]
        )


class LeasesView(PartiesView):
    kind = shown.LEASE
    property_path = "unit__property__external_id"
    parameters = cursors.PARAMETERS | {"property"}


class LeaseView(PartyView):
    names: ClassVar = {"from_on": "payers_from", "weights": "payers"}
    kind = shown.LEASE
    serializer = told.LeaseSerializer

    def save(self, external_id: str, asked: Mapping[str, Any], guard: Guard) -> tuple[Any, bool]:
        tenants = tenants_named([payer["tenant"] for payer in asked["payers"]], field="payers")
        return services.put_lease(
            external_id,
            guard=guard,
            unit=unit_named(asked["unit"]),
            starts_on=asked["starts_on"],
            ends_on=asked["ends_on"],
            payers={tenants[payer["tenant"]]: payer["weight"] for payer in asked["payers"]},
            payers_from=asked.get("payers_from"),
        )
