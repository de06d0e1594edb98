from housing_ach.api.described.base import (
    CENTS,
    COUNT,
    CURRENCY,
    DAY,
    ID,
    INSTANT,
    TEXT,
    Operation,
    Subject,
    array,
    lower,
    maybe,
    one,
    page,
    part,
    record,
    ref,
)
from housing_ach.reconciliation.states import Fate, Form, ReconciliationStatus, Said

FATES = [fate.lower() for fate in Fate.values]
RECONCILIATION = record(
    "reconciliation",
    status=lower(ReconciliationStatus.values),
    format=lower(Form.values),
    sha256=TEXT,
    size=COUNT,
    created_at=INSTANT,
    finished_at=maybe(INSTANT),
    currency=CURRENCY,
    totals=part(lines=COUNT, amount=CENTS, **dict.fromkeys(FATES, COUNT)),
    error_count=COUNT,
    errors=array({"type": "object"}),
)
LINE = part(
    line=COUNT,
    fate=lower(Fate.values),
    message=TEXT,
    trace=maybe(TEXT),
    payment=maybe(TEXT),
    order=maybe(ID),
    external_id=maybe(TEXT),
    amount=CENTS,
    status=lower(Said.values),
    code=maybe(TEXT),
    on=maybe(DAY),
    case=maybe(ID),
)
SUBJECT = Subject(
    "Reconciliation",
    {
        ("ReconcileView", "PUT"): Operation(
            "Bring the day's settlement file",
            {202: "Reconciliation"},
            files=(
                *("application/x-ndjson", "text/csv"),
                *("text/plain", "application/octet-stream"),
            ),
        ),
        ("ReconciliationView", "GET"): one("what became of a settlement file", "Reconciled"),
    },
    {
        "Reconciliation": RECONCILIATION,
        "ReconciledLine": LINE,
        "ReconciledLines": page("ReconciledLine"),
        "Reconciled": part(**RECONCILIATION["properties"], lines=ref("ReconciledLines")),
    },
)
