"""What the contract shows of an answer is what is answered: its form by the schema, its parts by real ones."""

from collections.abc import Mapping

import pytest

from housing_ach.api.described.document import document
from housing_ach.api.described.examples import EXAMPLES
from housing_ach.audit.models import Event
from housing_ach.payments.states import PaymentStatus
from housing_ach.sandbox.described import SUBJECT
from housing_ach.users.states import Scope
from housing_ach.webhooks.services.bodies import told_of
from tests.api.contract import judged, operations
from tests.api.programs import Program
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

ANSWERS = [
    (operation["operationId"], told["content"]["application/json"], (path, method, status))
    for path, method, operation in operations()
    for status, told in operation["responses"].items()
    if status.startswith("2")
]
# What stands in these is of many kinds: real ones are looked at below.
OPEN = {"data", "metadata", "errors", "refused"}


@pytest.mark.parametrize(
    ("told", "place"),
    [row[1:] for row in ANSWERS],
    ids=[f"{row[0]}-{row[2][2]}" for row in ANSWERS],
)
def test_every_answer_has_an_example_that_fits(told, place):
    path, method, status = place

    assert told["example"]
    assert judged(path, method, status, "application/json", told["example"]) == []


def test_no_example_is_of_nothing():
    named = {operation for operation, *_ in ANSWERS}
    told = {told["schema"]["$ref"].rpartition("/")[2] for _, told, _ in ANSWERS}

    assert {*EXAMPLES, *SUBJECT.examples} <= named | told


def objects(name, schema):
    """Every object schema, with the name it stands under."""
    if schema.get("type") == "object":
        yield name, schema
    for inner, found in schema.get("properties", {}).items():
        yield from objects(inner, found)
    if "items" in schema:
        yield from objects(name, schema["items"])


def test_what_is_told_is_told_whole_so_that_an_example_has_every_part():
    components = {
        name: schema
        for name, schema in document()["components"]["schemas"].items()
        if not name.endswith("Request") and name != "Problem"
    }

    loose = {
        name
        for component, schema in components.items()
        for name, found in objects(component, schema)
        if found.get("additionalProperties") is not False
        or set(found["required"]) != set(found["properties"])
    }

    assert loose == OPEN


def parts(told):
    """Of all that is told, what it is called."""
    if isinstance(told, Mapping):
        return {name: parts(value) for name, value in told.items()}
    if isinstance(told, list) and told:
        return [parts(told[0])]
    return None


@pytest.fixture
def returned(town):
    payment = town.debit()
    settle(town, send(town))
    deliver(town, about(only_entry(), "R02"))
    return payment


@pytest.mark.parametrize(
    ("example", "place"),
    [
        ("Order", "ach/transactions/{order}"),
        ("Orders", "ach/transactions"),
        ("Return", "returns/{back}"),
        ("Returns", "returns"),
    ],
)
def test_it_has_the_parts_of_a_real_answer(returned, example, place):
    program = Program(Scope.READ)
    back = program.get("returns").json()["data"][0]["id"]

    answer = program.get(place.format(order=returned.order_id, back=back))

    assert parts(answer.json()) == parts(EXAMPLES[example])


def test_an_event_has_the_parts_of_a_real_one(returned):
    event = Event.objects.about(returned).get(became=PaymentStatus.RETURNED)

    told = told_of([(event, "payment.returned")])[event.pk]

    assert parts(told) == parts(EXAMPLES["Event"])
