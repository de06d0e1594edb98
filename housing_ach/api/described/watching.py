from housing_ach.api.described.base import (
    CENTS,
    COUNT,
    CURRENCY,
    DAY,
    FLAG,
    ID,
    INSTANT,
    LAST_FOUR,
    TEXT,
    UTC,
    UUID,
    Subject,
    array,
    listed,
    lower,
    maybe,
    one,
    one_of,
    page,
    part,
    record,
    ref,
)
from housing_ach.batches.models import IN, OUT
from housing_ach.batches.states import BatchStatus, FileKind, FileStatus
from housing_ach.payments.states import Direction
from housing_ach.returns.states import CorrectionStatus, ReturnKind
from housing_ach.webhooks.catalogue import KINDS
from housing_ach.webhooks.services.sources import API, STAFF, SYSTEM, TENANT

EVENT = part(
    id={"type": "string", "pattern": "^evt_[0-9]+$"},
    type=one_of(*KINDS),
    timestamp=INSTANT,
    livemode=FLAG,
    sequence=COUNT,
    origin=one_of(API, STAFF, SYSTEM, TENANT),
    actor=maybe(TEXT),
    data={
        "type": "object",
        "properties": {"object": TEXT, "id": TEXT, "status": TEXT, "amount": CENTS},
        "required": ["object", "id"],
    },
)
EVENTS = part(object={"const": "list"}, data=array(ref("Event")), has_more=FLAG, next_cursor=TEXT)
ABOUT = {
    "file": ID,
    "banking_on": DAY,
    "received_at": INSTANT,
    "payment": maybe(ID),
    "order": maybe(ID),
    "batch_id": maybe(ID),
    "external_id": maybe(TEXT),
    "tenant": maybe(TEXT),
    "lease": maybe(TEXT),
}
RETURN = record(
    "return",
    kind=lower(ReturnKind.values),
    code=TEXT,
    reason=TEXT,
    amount=maybe(CENTS),
    currency=CURRENCY,
    direction=maybe(lower(Direction.values)),
    original_trace=TEXT,
    return_trace=TEXT,
    died_on=maybe(DAY),
    **ABOUT,
)
CORRECTION = record(
    "correction",
    code=TEXT,
    status=lower(CorrectionStatus.values),
    changed=array(
        one_of("account_number", "routing", "account_type", "holder_name", "individual_id")
    ),
    bank_account=maybe(UUID),
    last_four=maybe(LAST_FOUR),
    original_trace=TEXT,
    correction_trace=TEXT,
    **ABOUT,
)
SPAN = {"from": DAY, "to": DAY}
BATCH = part(
    id=ID,
    number=COUNT,
    sec_code=TEXT,
    direction=lower(Direction.values),
    description=TEXT,
    status=lower(BatchStatus.values),
    entry_count=COUNT,
    amount=maybe(CENTS),
    effective_on=DAY,
    settled_on=maybe(DAY),
)
FILE = record(
    "file",
    name=TEXT,
    sha256=TEXT,
    size=COUNT,
    direction=lower([IN, OUT]),
    kind=lower(FileKind.values),
    status=lower(FileStatus.values),
    processing_on=maybe(DAY),
    created_at=INSTANT,
    published_at=maybe(INSTANT),
    acknowledged_at=maybe(INSTANT),
    entry_count=COUNT,
    amount=maybe(CENTS),
    currency=CURRENCY,
    return_count=COUNT,
    correction_count=COUNT,
    batches=array(BATCH),
)
SUBJECT = Subject(
    "What happened",
    {
        ("EventsView", "GET"): listed("events", "Events", type=one_of(*KINDS)),
        ("EventView", "GET"): one("an event", "Event"),
        ("ReturnsView", "GET"): listed(
            "returns",
            "Returns",
            kind=lower(ReturnKind.values),
            direction=lower(Direction.values),
            **SPAN,
        ),
        ("ReturnView", "GET"): one("a return", "Return"),
        ("CorrectionsView", "GET"): listed(
            "corrections of accounts",
            "Corrections",
            status=lower(CorrectionStatus.values),
            **SPAN,
        ),
        ("CorrectionView", "GET"): one("a correction", "Correction"),
        ("FilesView", "GET"): listed(
            "files of the bank",
            "Files",
            direction=lower([IN, OUT]),
            kind=lower(FileKind.values),
            status=lower(FileStatus.values),
            created_from=UTC,
            created_to=UTC,
        ),
        ("FileView", "GET"): one("a file of the bank", "File"),
    },
    {
        "Event": EVENT,
        "Events": EVENTS,
        "Return": RETURN,
        "Returns": page("Return"),
        "Correction": CORRECTION,
        "Corrections": page("Correction"),
        "File": FILE,
        "Files": page("File"),
    },
)
