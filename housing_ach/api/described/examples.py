"""What answers look like: one story, told by each answer's component.

An answer that is not as its component usually is, is told under the name of its operation.
"""

from collections.abc import Mapping
from typing import Any

Example = dict[str, Any]
MADE_AT, LATER_AT = "2026-03-01T15:00:00Z", "2026-03-04T15:00:00Z"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TOKEN = "3f0c4b52-6d0e-4b0f-9d55-0f5b7f6f3f10"  # noqa: S105 - it stands for an account, and opens nothing


def paged(*rows: Example) -> Example:
    return {
        "object": "list",
        "data": list(rows),
        "has_more": False,
        "next_cursor": None,
        "previous_cursor": None,
    }


def named(kind: str, pk: str, /, **more: Any) -> Example:
    return {"object": kind, "id": pk, "livemode": False, **more}


PAYMENT = named(
    "payment",
    "5012",
    status="Pending",
    direction="debit",
    purpose="rent",
    amount=145000,
    currency="USD",
    expected={
        "change_until": "2026-03-04T20:00:00Z",
        "effective_on": "2026-03-05",
        "settles_on": "2026-03-05",
        "clears_on": "2026-03-10",
    },
    attempts=0,
    retries=0,
    trace=None,
    file=None,
    settled_on=None,
) | {"return": None}
ORDER = named(
    "order",
    "4711",
    batch_id="108",
    external_id="rent-2026-03-17",
    kind="one_time",
    amount=145000,
    currency="USD",
    tenant="t-17",
    lease="l-9",
    created_at=MADE_AT,
    metadata={},
    payments=[PAYMENT],
)
CAME_BACK = PAYMENT | {
    "status": "Returned",
    "attempts": 1,
    "trace": "091000010000001",
    "file": "ACH-20260304-2000-9f86d081.ach",
    "settled_on": "2026-03-05",
    "return": {
        "code": "R02",
        "reason": "Your bank account is closed",
        "banking_on": "2026-03-09",
        "trace": "111111110000001",
    },
}
RETURNED = ORDER | {"payments": [CAME_BACK]}
STATUS = named(
    "submission",
    "108",
    external_id="rent-2026-03",
    source="api",
    created_at=MADE_AT,
    asked={"count": 1, "amount": 145000},
    currency="USD",
    totals=[{"status": "Returned", "count": 1, "amount": 145000}],
    refused=[],
    orders=paged(RETURNED),
)
ACCOUNT = named(
    "bank_account",
    "31",
    token=TOKEN,
    tenant="t-17",
    account_type="checking",
    last_four="0017",
    status="open",
    verification="unverified",
    verified_by=None,
    verified_on=None,
    version=1,
    created_at=MADE_AT,
)
MANDATE = named(
    "mandate",
    "12",
    tenant="t-17",
    lease="l-9",
    bank_account=TOKEN,
    status="active",
    channel="paper",
    sec_code="PPD",
    text_version="2026-01",
    recurring=True,
    min_amount=0,
    max_amount=200000,
    currency="USD",
    roll="forward",
    signed_at=MADE_AT,
    revoked_at=None,
)
REVOKED = MANDATE | {
    "status": "revoked",
    "revoked_at": LATER_AT,
    "cancelled": ["5012"],
    "under_way": [],
}
MANDATE_TEXT = named(
    "mandate_text",
    "2",
    version="2026-01",
    language="en",
    body="I authorize the organisation to debit my account for rent.",
    sha256=SHA,
)
CHARGE = named(
    "charge",
    "882",
    external_id="late-2026-03-9",
    lease="l-9",
    kind="late_fee",
    amount=5000,
    open_amount=5000,
    currency="USD",
    due_on="2026-03-09",
    created_at=LATER_AT,
    shares=[{"tenant": "t-17", "amount": 5000}],
)
OWED = {
    "open_amount": 150000,
    "in_flight_amount": 145000,
    "prepaid_amount": 0,
    "next_due": {"on": "2026-03-09", "amount": 5000},
}
BALANCE = named(
    "balance", "l-9", lease="l-9", currency="USD", **OWED, payers=[{"tenant": "t-17", **OWED}]
)
PROPERTY = named(
    "property",
    "1",
    external_id="p-1",
    code="ALDER",
    name="Alder Court",
    state="CO",
    address="",
    operating_fund="ALDER-OP",
    deposit_fund="ALDER-DEP",
    rollout="live",
)
UNIT = named("unit", "4", external_id="u-4b", property="p-1", name="4B")
TENANT = named("tenant", "17", external_id="t-17", has_email=True, leases=["l-9"])
LEASE = named(
    "lease",
    "9",
    external_id="l-9",
    property="p-1",
    unit="u-4b",
    starts_on="2026-01-01",
    ends_on=None,
    payers=[{"tenant": "t-17", "weight": 1}],
)
RECEIVED = named(
    "reconciliation",
    "12",
    status="received",
    format="json_lines",
    sha256=SHA,
    size=94,
    created_at="2026-03-05T14:15:00Z",
    finished_at=None,
    currency="USD",
    totals={
        "lines": 0,
        "amount": 0,
        **dict.fromkeys(("matched", "tentative", "contradicted", "unknown"), 0),
    },
    error_count=0,
    errors=[],
)
LINE = {
    "line": 1,
    "fate": "matched",
    "message": "",
    "trace": "091000010000001",
    "payment": "5012",
    "order": "4711",
    "external_id": "rent-2026-03-17",
    "amount": 145000,
    "status": "settled",
    "code": None,
    "on": "2026-03-05",
    "case": None,
}
RECONCILED = RECEIVED | {
    "status": "applied",
    "finished_at": "2026-03-05T14:15:03Z",
    "totals": RECEIVED["totals"] | {"lines": 1, "amount": 145000, "matched": 1},
    "lines": paged(LINE),
}
EVENT = {
    "id": "evt_90217",
    "type": "payment.returned",
    "timestamp": "2026-03-09T14:15:00.204117Z",
    "livemode": False,
    "sequence": 90217,
    "origin": "system",
    "actor": None,
    "data": {
        "object": "payment",
        "id": "5012",
        "order_id": "4711",
        "tenant_id": "17",
        "lease_id": "9",
        "direction": "DEBIT",
        "purpose": "RENT",
        "return_code": "R02",
        "amount": 145000,
        "currency": "USD",
        "status": "Returned",
    },
}
ABOUT = {
    "file": "77",
    "banking_on": "2026-03-09",
    "received_at": "2026-03-09T14:15:00Z",
    "payment": "5012",
    "order": "4711",
    "batch_id": "108",
    "external_id": "rent-2026-03-17",
    "tenant": "t-17",
    "lease": "l-9",
}
RETURN = named(
    "return",
    "301",
    kind="return",
    code="R02",
    reason="Your bank account is closed",
    amount=145000,
    currency="USD",
    direction="debit",
    original_trace="091000010000001",
    return_trace="111111110000001",
    died_on=None,
    **ABOUT,
)
CORRECTION = named(
    "correction",
    "44",
    code="C03",
    status="applied",
    changed=["account_number", "routing"],
    bank_account=TOKEN,
    last_four="3456",
    original_trace="091000010000001",
    correction_trace="111111110000002",
    **ABOUT,
)
FILE = named(
    "file",
    "76",
    name="ACH-20260304-2000-9f86d081.ach",
    sha256=SHA,
    size=950,
    direction="out",
    kind="entries",
    status="accepted",
    processing_on="2026-03-04",
    created_at="2026-03-04T20:00:00Z",
    published_at="2026-03-04T20:00:09Z",
    acknowledged_at="2026-03-04T20:05:00Z",
    entry_count=1,
    amount=145000,
    currency="USD",
    return_count=0,
    correction_count=0,
    batches=[
        {
            "id": "61",
            "number": 1,
            "sec_code": "PPD",
            "direction": "debit",
            "description": "RENT",
            "status": "settled",
            "entry_count": 1,
            "amount": 145000,
            "effective_on": "2026-03-05",
            "settled_on": "2026-03-05",
        }
    ],
)
ENDPOINT = named(
    "webhook_endpoint",
    "5",
    url="https://erp.example.org/hooks",
    kinds=["payment.returned"],
    description="",
    status="active",
    created_at=MADE_AT,
)
PING = named(
    "webhook_delivery",
    "640",
    webhook_id="evt_90218",
    kind="ping",
    status="pending",
    created_at=LATER_AT,
)
ATTEMPT = named(
    "webhook_attempt",
    "811",
    delivery=PING | {"status": "delivered"},
    attempted_at="2026-03-04T15:00:01Z",
    answered=204,
    took_ms=38,
    problem=None,
)
EXAMPLES: Mapping[str, Example] = {
    "Asked": ORDER,
    "Order": RETURNED,
    "Orders": paged(RETURNED),
    "postCancel": ORDER | {"payments": [PAYMENT | {"status": "Cancelled"}]},
    "Status": STATUS,
    "BankAccount": ACCOUNT,
    "BankAccounts": paged(ACCOUNT),
    "deleteBankAccount": ACCOUNT | {"status": "closed"},
    "postVerify": ACCOUNT | {"verification": "pending"},
    "postConfirm": ACCOUNT
    | {"verification": "verified", "verified_by": "micro", "verified_on": "2026-03-05"},
    "Mandate": MANDATE,
    "Mandates": paged(MANDATE),
    "RevokedMandate": REVOKED,
    "MandateTexts": paged(MANDATE_TEXT),
    "Charge": CHARGE,
    "Charges": paged(CHARGE),
    "Balance": BALANCE,
    "Property": PROPERTY,
    "Properties": paged(PROPERTY),
    "Unit": UNIT,
    "Units": paged(UNIT),
    "Tenant": TENANT,
    "Tenants": paged(TENANT),
    "Lease": LEASE,
    "Leases": paged(LEASE),
    "Reconciliation": RECEIVED,
    "Reconciled": RECONCILED,
    "Event": EVENT,
    "Events": {"object": "list", "data": [EVENT], "has_more": False, "next_cursor": "WyJldmVu..."},
    "Return": RETURN,
    "Returns": paged(RETURN),
    "Correction": CORRECTION,
    "Corrections": paged(CORRECTION),
    "File": FILE,
    "Files": paged(FILE),
    "Endpoint": ENDPOINT,
    "Endpoints": paged(ENDPOINT),
    "EndpointWithSecret": ENDPOINT | {"secret": "whsec_..."},
    "patchEndpoint": ENDPOINT | {"status": "paused"},
    "deleteEndpoint": ENDPOINT | {"status": "disabled"},
    "Delivery": PING,
    "Attempts": paged(ATTEMPT),
    "ReplayOfMany": named("replay", "5", replayed=3, has_more=False),
    "Replay": named("replay", "evt_90217", replayed=1),
}
