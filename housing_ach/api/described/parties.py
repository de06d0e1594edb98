from housing_ach.api.described.base import (
    DAY,
    FLAG,
    TEXT,
    Operation,
    Request,
    Schema,
    Subject,
    array,
    listed,
    lower,
    maybe,
    one,
    page,
    part,
    record,
)
from housing_ach.api.serializers.parties import (
    LeaseSerializer,
    PropertySerializer,
    TenantSerializer,
    UnitSerializer,
)
from housing_ach.tenants.states import Rollout

NAMED = {"external_id": maybe(TEXT)}
PROPERTY = record(
    "property",
    **NAMED,
    code=TEXT,
    name=TEXT,
    state=TEXT,
    address=TEXT,
    operating_fund=TEXT,
    deposit_fund=TEXT,
    rollout=lower(Rollout.values),
)
UNIT = record("unit", **NAMED, property=maybe(TEXT), name=TEXT)
TENANT = record("tenant", **NAMED, has_email=FLAG, leases=array(TEXT))
LEASE = record(
    "lease",
    **NAMED,
    property=maybe(TEXT),
    unit=maybe(TEXT),
    starts_on=DAY,
    ends_on=maybe(DAY),
    payers=array(part(tenant=TEXT, weight={"type": "integer", "minimum": 1})),
)


def told(what: str, name: str, body: Request, example: Schema) -> Operation:
    return Operation(
        f"Tell of {what}",
        {200: name, 201: name},
        (body,),
        "Made where it is new; else changed, which needs If-Match. Told again as it is, nothing happens.",
        example,
    )


SUBJECT = Subject(
    "Parties",
    {
        ("PropertiesView", "GET"): listed("properties", "Properties"),
        ("PropertyView", "GET"): one("a property", "Property"),
        ("PropertyView", "PUT"): told(
            "a property",
            "Property",
            PropertySerializer,
            {
                "code": "ALDER",
                "name": "Alder Court",
                "state": "CO",
                "operating_fund": "ALDER-OP",
                "deposit_fund": "ALDER-DEP",
            },
        ),
        ("UnitsView", "GET"): listed("units", "Units"),
        ("UnitView", "GET"): one("a unit", "Unit"),
        ("UnitView", "PUT"): told(
            "a unit", "Unit", UnitSerializer, {"property": "p-1", "name": "4B"}
        ),
        ("TenantsView", "GET"): listed("tenants", "Tenants"),
        ("TenantView", "GET"): one("a tenant", "Tenant"),
        ("TenantView", "PUT"): told(
            "a tenant",
            "Tenant",
            TenantSerializer,
            {"name": "Ada Lovelace", "email": "ada@example.org"},
        ),
        ("LeasesView", "GET"): listed("leases", "Leases"),
        ("LeaseView", "GET"): one("a lease", "Lease"),
        ("LeaseView", "PUT"): told(
            "a lease",
            "Lease",
            LeaseSerializer,
            {
                "unit": "u-4b",
                "starts_on": "2026-01-01",
                "payers": [{"tenant": "t-17", "weight": 1}],
            },
        ),
    },
    {
        "Property": PROPERTY,
        "Properties": page("Property"),
        "Unit": UNIT,
        "Units": page("Unit"),
        "Tenant": TENANT,
        "Tenants": page("Tenant"),
        "Lease": LEASE,
        "Leases": page("Lease"),
    },
)
