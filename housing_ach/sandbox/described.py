"""The sandbox's own operations, as the contract tells them where they are."""

from housing_ach.api.described.base import (
    DAY,
    FLAG,
    ID,
    INSTANT,
    TEXT,
    Operation,
    Subject,
    array,
    maybe,
    one,
    part,
)
from housing_ach.sandbox.serializers import (
    AdvanceSerializer,
    CorrectionSerializer,
    NothingSerializer,
    ReturnSerializer,
)

CLOCK = part(
    object={"const": "clock"}, livemode=FLAG, now=INSTANT, frozen=FLAG, going_to=maybe(INSTANT)
)
ANSWER = part(
    object={"const": "bank_answer"}, livemode=FLAG, payment=ID, code=TEXT, comes_on=maybe(DAY)
)
ACCOUNT = part(
    object={"const": "test_account"},
    livemode=FLAG,
    begins_with=TEXT,
    code=maybe(TEXT),
    happens=TEXT,
)
STILL = {
    "object": "clock",
    "livemode": False,
    "now": "2026-03-04T15:00:00Z",
    "frozen": True,
    "going_to": None,
}
MOVING = STILL | {"going_to": "2026-03-07T15:00:00Z"}
COMING = {
    "object": "bank_answer",
    "livemode": False,
    "payment": "5012",
    "code": "R01",
    "comes_on": "2026-03-09",
}
SUBJECT = Subject(
    "Sandbox",
    {
        ("ClockView", "GET"): one("the clock", "Clock"),
        ("AdvanceView", "POST"): Operation(
            "Let days pass", {202: "Clock"}, (AdvanceSerializer,), example={"days": 3}
        ),
        ("RunView", "POST"): Operation(
            "Let the clock run on", {200: "Clock"}, (NothingSerializer,)
        ),
        ("SettleView", "POST"): Operation(
            "Let days pass until a payment settles", {202: "Clock"}, (NothingSerializer,)
        ),
        ("AnswerView", "POST"): Operation(
            "Have a payment returned",
            {202: "BankAnswer"},
            (ReturnSerializer,),
            example={"code": "R01"},
        ),
        ("CorrectView", "POST"): Operation(
            "Have an account corrected",
            {202: "BankAnswer"},
            (CorrectionSerializer,),
            example={"code": "C03"},
        ),
        ("AccountsView", "GET"): Operation(
            "List numbers whose fate is known", {200: "TestAccounts"}
        ),
    },
    {
        "Clock": CLOCK,
        "BankAnswer": ANSWER,
        "TestAccounts": part(
            object={"const": "list"},
            data=array(ACCOUNT),
            routing_numbers=array(TEXT),
            digits=array({"type": "integer"}),
        ),
    },
    {
        "Clock": MOVING,
        "getClock": STILL,
        "postRun": STILL | {"frozen": False},
        "BankAnswer": COMING,
        "postCorrect": COMING | {"code": "C03"},
        "TestAccounts": {
            "object": "list",
            "data": [
                {
                    "object": "test_account",
                    "livemode": False,
                    "begins_with": "9900",
                    "code": None,
                    "happens": "settles",
                }
            ],
            "routing_numbers": ["111000025"],
            "digits": [5, 17],
        },
    },
)
