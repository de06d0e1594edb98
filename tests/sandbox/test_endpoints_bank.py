"""What a program lets the sandbox bank say of a payment: it comes by file, like all a bank says."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from housing_ach.audit.models import Event
from housing_ach.batches.models import BankFile
from housing_ach.clock import services as clock
from housing_ach.payments.models import Payment
from housing_ach.payments.services import cancel
from housing_ach.returns.models import Correction, Return
from housing_ach.sandbox.bank import magic
from housing_ach.sandbox.bank.magic import Oddity, known_accounts, wish_of
from housing_ach.users.services import system_user
from housing_ach.webhooks.models import Delivery
from housing_ach.webhooks.services import plan_from_events
from tests.final import wait_until_final
from tests.journeys.test_rent_month import assert_proven
from tests.sandbox.program import TUESDAY, WEDNESDAY, problem
from tests.webhooks.receiver import told_at

DOCS = Path(settings.BASE_DIR) / "docs/bank-files.md"
EVENING, NEXT_EVENING = "2026-03-16T18:30:00-04:00", "2026-03-17T18:30:00-04:00"
RETURNED_AS_R01 = magic.return_account("R01")


@pytest.fixture
def accepted(program, driver):
    """A debit on Monday evening: the bank has it, and it settles tomorrow."""
    payment = program.debit()
    program.arrives(driver, to=EVENING)
    return payment


def messages(kind):
    wait_until_final()
    plan_from_events(at=clock.now())
    return [json.loads(row.body) for row in Delivery.objects.filter(kind=kind)]


def story_of(payment):
    moves = Event.objects.filter(subject="payments.payment", subject_id=str(payment.pk))
    return [move.became for move in moves.order_by("pk") if move.became]


def test_a_return_that_was_asked_for_arrives_by_file(program, driver, receiver, accepted):
    told_at(receiver)

    asked = program.of(accepted, "return", code="R01")
    assert (asked.status_code, asked.json()) == (
        202,
        {
            "object": "bank_answer",
            "livemode": False,
            "payment": str(accepted.pk),
            "code": "R01",
            "comes_on": WEDNESDAY.isoformat(),
        },
    )
    program.arrives(driver, to=WEDNESDAY.isoformat())
    assert not Return.objects.exists()
    program.arrives(driver, to="2026-03-18T10:00:00-04:00")

    row = Return.objects.get()
    assert (row.code, row.banking_on, row.entry.payment) == ("R01", WEDNESDAY, accepted)
    assert BankFile.objects.filter(kind="RETURNS", status="APPLIED").count() == 1
    assert "RETURNED" in story_of(accepted)
    (told,) = messages("payment.returned")
    assert told["type"] == "payment.returned"
    shown = program.get(asked["Location"]).json()["payments"][0]
    assert shown["return"]["code"] == "R01"
    assert_proven()


def test_a_correction_that_was_asked_for_arrives_by_file(program, driver):
    payment = program.debit()
    program.arrives(driver, to=NEXT_EVENING)

    asked = program.of(payment, "correct", code="C02")
    assert asked.json()["comes_on"] == WEDNESDAY.isoformat()
    program.arrives(driver, days=1)

    assert Correction.objects.get().code == "C02"
    payment.refresh_from_db()
    assert payment.status == "SETTLED"
    assert payment.mandate.bank_account.version == 2
    assert_proven()


def test_asking_twice_is_asking_once_and_the_last_word_counts(program, driver, accepted):
    for code in ("R02", "R03", "R03"):
        assert program.of(accepted, "return", code=code).status_code == 202

    program.arrives(driver, to="2026-03-18T10:00:00-04:00")

    assert [row.code for row in Return.objects.all()] == ["R03"]


def test_what_the_account_asks_for_gives_way(program, driver):
    payment = program.debit(RETURNED_AS_R01)
    program.arrives(driver, to=EVENING)

    program.of(payment, "return", code="R16")
    program.arrives(driver, to="2026-03-18T10:00:00-04:00")

    assert [row.code for row in Return.objects.all()] == ["R16"]


def test_what_the_operator_refuses_comes_before_it_settles(program, driver, accepted):
    asked = program.of(accepted, "return", code="R13")

    assert asked.json()["comes_on"] == TUESDAY.isoformat()
    program.arrives(driver, to="2026-03-17T10:00:00-04:00")
    assert Return.objects.get().code == "R13"


def test_long_settled_it_comes_back_on_the_next_banking_morning(program, driver, accepted):
    program.arrives(driver, to="2026-03-27T10:00:00-04:00")  # a Friday
    assert story_of(accepted)[-1] == "CLEARED"

    asked = program.of(accepted, "return", code="R10")

    assert asked.json()["comes_on"] == "2026-03-30"
    program.arrives(driver, to="2026-03-30T10:00:00-04:00")
    assert story_of(accepted)[-1] == "RETURNED"
    assert problem(program.of(accepted, "return", code="R10")) == (409, "NotWithBank", "/payment")


@pytest.mark.parametrize(
    ("verb", "code", "said"),
    [
        ("return", "R99", (422, "invalid_choice", "/code")),
        ("return", "C01", (422, "invalid_choice", "/code")),
        ("correct", "R01", (422, "invalid_choice", "/code")),
        ("return", "R23", (409, "CannotHappen", "/code")),
        # What the account number is already.
        ("correct", "C01", (409, "CannotHappen", "/code")),
    ],
)
def test_a_code_that_cannot_be_is_refused(program, accepted, verb, code, said):
    assert problem(program.of(accepted, verb, code=code)) == said


def test_what_was_corrected_is_not_corrected_again(program, driver, accepted):
    assert program.of(accepted, "correct", code="C02").status_code == 202
    program.arrives(driver, to="2026-03-18T10:00:00-04:00")

    answer = program.of(accepted, "correct", code="C02")

    assert problem(answer) == (409, "AnsweredAlready", "/payment")


def test_what_the_bank_does_not_have_says_what_to_do(program, driver):
    payment = program.debit()

    planned = program.of(payment, "return", code="R01")
    program.arrives(driver, to="2026-03-16T15:10:00-04:00")
    sent = program.of(payment, "return", code="R01")
    program.arrives(driver, to=EVENING)

    assert problem(planned) == (409, "NotWithBank", "/payment")
    assert "settle it or advance the clock first" in planned.json()["detail"]
    assert problem(sent) == (409, "NotTaken", "/payment")
    assert Payment.objects.get().status == "ACCEPTED"


def test_a_cancelled_payment_has_nothing_to_come(program):
    payment = program.debit()
    cancel(payment, by=system_user(), reason="moved out", at=clock.now())

    for answer in (program.of(payment, "settle"), program.of(payment, "correct", code="C01")):
        assert answer.status_code == 409
        assert "it is Cancelled already" in answer.json()["detail"]


def test_a_real_bank_is_left_alone(program, driver, accepted):
    program.profile.is_sandbox = False
    program.profile.save(update_fields=["is_sandbox"])

    answer = program.of(accepted, "return", code="R01")

    assert problem(answer) == (409, "NotTheSandbox", "/payment")


def test_every_test_account_is_told_by_what_the_bank_does(program):
    told = program.get(reverse("sandbox:accounts")).json()

    assert told["routing_numbers"] == list(magic.RECEIVERS)
    assert len(told["data"]) == len(list(known_accounts()))
    for row in told["data"]:
        wish = wish_of(row["begins_with"] + "00")
        assert wish is not None
        assert (row["code"] or "") == (wish.returned or wish.corrected)


def test_the_page_says_the_same_of_each_account():
    rows = dict(re.findall(r"^\| `993(\d\d)…` \| (.+) \|$", DOCS.read_text(), re.M))

    assert rows == {oddity.value: words for oddity, words in magic.HAPPENS.items()}
    assert set(magic.HAPPENS) == set(Oddity)
