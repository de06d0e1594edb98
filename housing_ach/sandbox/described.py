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
)
