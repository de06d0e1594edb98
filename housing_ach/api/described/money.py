from housing_ach.api.described.base import (
    CENTS,
    COUNT,
    CURRENCY,
    DAY,
    ID,
    INSTANT,
    TEXT,
    UTC,
    Operation,
    Subject,
    array,
    lower,
    maybe,
    one,
    one_of,
    page,
    part,
    record,
    ref,
)
from housing_ach.api.serializers.money import BatchSerializer, ItemSerializer, ReasonSerializer
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus, Purpose, Source, public

STATUS = one_of(*(public(status) for status in PaymentStatus))
ITEM = {
    "external_id": "rent-2026-03-17",
    "tenant": "t-17",
    "lease": "l-9",
    "mandate": "12",
    "amount": 145000,
    "currency": "USD",
    "purpose": "rent",
    "effective_date": "2026-03-05",
}
RETURN = part(code=TEXT, reason=TEXT, banking_on=DAY, trace=TEXT)
PAYMENT = record(
    "payment",
    status=STATUS,
    direction=lower(Direction.values),
    purpose=lower(Purpose.values),
    amount=maybe(CENTS),
    currency=CURRENCY,
    expected=part(
        change_until=maybe(INSTANT),
        effective_on=maybe(DAY),
        settles_on=maybe(DAY),
        clears_on=maybe(DAY),
    ),
    attempts=COUNT,
    retries=COUNT,
    trace=maybe(TEXT),
    file=maybe(TEXT),
    settled_on=maybe(DAY),
    **{"return": maybe(RETURN)},
)
ORDER = record(
    "order",
    batch_id=maybe(ID),
    external_id=maybe(TEXT),
    kind=lower(OrderKind.values),
    amount=maybe(CENTS),
    currency=CURRENCY,
    tenant=TEXT,
    lease=TEXT,
    created_at=INSTANT,
    metadata={"type": "object", "additionalProperties": TEXT},
    payments=array(ref("Payment")),
)
SUBMISSION = record(
    "submission",
    external_id=maybe(TEXT),
    source=lower(Source.values),
    created_at=INSTANT,
    asked=part(count=COUNT, amount=CENTS),
    currency=CURRENCY,
    totals=array(part(status=STATUS, count=COUNT, amount=CENTS)),
    refused=array({"type": "object"}),
)
STATUS_OF = part(**SUBMISSION["properties"], orders=ref("Orders"))
SUBJECT = Subject(
    "Payments",
    {
        ("TransactionsView", "GET"): Operation(
            "List debits",
            {200: "Orders"},
            description="What is asked of payments (`status`, `direction`, `effective_from`, `effective_to`, "
            "`return_code`, `updated_since`), one and the same payment has to be. `updated_since` finds "
            "orders with a payment that was made, moved or changed then or later, as the `timestamp` of its "
            "events tells.",
            query={
                "status": STATUS,
                "kind": lower(OrderKind.values),
                "batch_id": ID,
                "direction": lower(Direction.values),
                "effective_from": DAY,
                "effective_to": DAY,
                "created_from": UTC,
                "created_to": UTC,
                "return_code": {"type": "string", "pattern": "^R[0-9]{2}$"},
                "updated_since": UTC,
            },
        ),
        ("TransactionsView", "POST"): Operation(
            "Debit one payer, or up to 10,000",
            {201: "Asked"},
            (ItemSerializer, BatchSerializer),
            "One debit is answered with its order, many with their submission. The id of the submission, "
            "`batch_id` of the order, is the batchId of the status and of the callback.",
            ITEM,
        ),
        ("TransactionView", "GET"): one("a debit", "Order"),
        ("CancelView", "POST"): Operation(
            "Cancel a debit before its file is written",
            {200: "Order"},
            (ReasonSerializer,),
            example={"reason": "Paid by check"},
        ),
        ("StatusView", "GET"): one("what a batch came to", "Status"),
    },
    {
        "Payment": PAYMENT,
        "Order": ORDER,
        "Orders": page("Order"),
        "Submission": SUBMISSION,
        "Asked": {"oneOf": [ref("Order"), ref("Submission")]},
        "Status": STATUS_OF,
    },
)
