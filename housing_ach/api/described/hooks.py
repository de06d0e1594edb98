from housing_ach.api.described.base import (
    COUNT,
    FLAG,
    INSTANT,
    TEXT,
    Operation,
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
from housing_ach.api.serializers.hooks import (
    ChangeSerializer,
    EndpointSerializer,
    NothingSerializer,
    RangeSerializer,
)
from housing_ach.webhooks.catalogue import KINDS, PING
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus

ENDPOINT = record(
    "webhook_endpoint",
    url=TEXT,
    kinds=array(one_of(*KINDS)),
    description=TEXT,
    status=lower(EndpointStatus.values),
    created_at=INSTANT,
)
SECRET = {
    "type": ["string", "null"],
    "description": "Told once; null where the same answer is given again.",
}
DELIVERY = record(
    "webhook_delivery",
    webhook_id=TEXT,
    kind=one_of(*KINDS, PING),
    status=lower(DeliveryStatus.values),
    created_at=INSTANT,
)
ATTEMPT = record(
    "webhook_attempt",
    delivery=ref("Delivery"),
    attempted_at=INSTANT,
    answered=maybe(COUNT),
    took_ms=COUNT,
    problem=maybe(TEXT),
)
REPLAY = record("replay", TEXT, replayed=COUNT)
SUBJECT = Subject(
    "Webhooks",
    {
        ("EndpointsView", "GET"): listed("webhook endpoints", "Endpoints"),
        ("EndpointsView", "POST"): Operation(
            "Add a webhook endpoint",
            {201: "EndpointWithSecret"},
            (EndpointSerializer,),
            example={"url": "https://erp.example.org/hooks", "kinds": ["payment.returned"]},
        ),
        ("EndpointView", "GET"): one("a webhook endpoint", "Endpoint"),
        ("EndpointView", "PATCH"): Operation(
            "Change, pause or resume a webhook endpoint",
            {200: "Endpoint"},
            (ChangeSerializer,),
            example={"status": "paused"},
        ),
        ("EndpointView", "DELETE"): Operation("Disable a webhook endpoint", {200: "Endpoint"}),
        ("RotateView", "POST"): Operation(
            "Rotate the secret of an endpoint", {200: "EndpointWithSecret"}, (NothingSerializer,)
        ),
        ("PingView", "POST"): Operation("Send a ping", {202: "Delivery"}, (NothingSerializer,)),
        ("AttemptsView", "GET"): listed("the last tries of an endpoint", "Attempts"),
        ("ReplayRangeView", "POST"): Operation(
            "Send again what was queued in a span",
            {202: "ReplayOfMany"},
            (RangeSerializer,),
            example={"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"},
        ),
        ("ReplayEventView", "POST"): Operation(
            "Send an event again", {202: "Replay"}, (NothingSerializer,)
        ),
    },
    {
        "Endpoint": ENDPOINT,
        "Endpoints": page("Endpoint"),
        "EndpointWithSecret": part(**ENDPOINT["properties"], secret=SECRET),
        "Delivery": DELIVERY,
        "Attempt": ATTEMPT,
        "Attempts": page("Attempt"),
        "Replay": REPLAY,
        "ReplayOfMany": part(**REPLAY["properties"], has_more=FLAG),
    },
)
