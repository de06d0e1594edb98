from housing_ach.api.described.base import (
    CENTS,
    CURRENCY,
    DAY,
    INSTANT,
    TEXT,
    Operation,
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
from housing_ach.api.serializers.charges import ChargeSerializer
from housing_ach.tenants.states import ChargeKind

SUMS = {
    "open_amount": CENTS,
    "in_flight_amount": CENTS,
    "prepaid_amount": CENTS,
    "next_due": maybe(part(on=DAY, amount=CENTS)),
}
CHARGE = record(
    "charge",
    external_id=maybe(TEXT),
    lease=TEXT,
    kind=lower(ChargeKind.values),
    amount=CENTS,
    open_amount=CENTS,
    currency=CURRENCY,
    due_on=DAY,
    created_at=INSTANT,
    shares=array(part(tenant=TEXT, amount=CENTS)),
)
BALANCE = record(
    "balance",
    TEXT,
    lease=TEXT,
    currency=CURRENCY,
    **SUMS,
    payers=array(part(tenant=TEXT, **SUMS)),
)
SUBJECT = Subject(
    "Charges",
    {
        ("ChargesView", "POST"): Operation(
            "Charge a lease once",
            {201: "Charge"},
            (ChargeSerializer,),
            example={
                "external_id": "late-2026-03-9",
                "lease": "l-9",
                "kind": "late_fee",
                "amount": 5000,
                "currency": "USD",
                "due_on": "2026-03-09",
            },
        ),
        ("ChargeView", "GET"): one("a charge", "Charge"),
        ("LeaseChargesView", "GET"): listed("charges of a lease", "Charges"),
        ("BalanceView", "GET"): one("what a lease owes", "Balance"),
    },
    {"Charge": CHARGE, "Charges": page("Charge"), "Balance": BALANCE},
)
