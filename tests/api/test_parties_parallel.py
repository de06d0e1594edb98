"""Two of the housing system's calls at once, and calls as the web process makes them."""

import pytest

from housing_ach.audit.models import Event
from housing_ach.clock import services as clock
from housing_ach.mandates.models import MandateText
from housing_ach.tenants.models import Tenant
from tests.api.programs import Program, seen
from tests.factories import AT, FundFactory
from tests.payments.test_parallel import together


@pytest.fixture
def program(committed_db):
    clock.start(AT)
    return Program()


def test_two_at_once_make_one(program):
    answers = []

    def tell():
        answers.append(program.put("tenants/t-1", {"name": "Ada Moss"}).status_code)

    together(*[tell] * 4)

    assert sorted(answers) == [200, 200, 200, 201]
    assert Tenant.objects.filter(external_id="t-1").count() == 1


def test_two_changes_of_what_was_seen_are_one(program):
    tag = seen(program.put("tenants/t-1", {"name": "Ada Moss"}))
    answers = []

    def change(name):
        answers.append(program.put("tenants/t-1", {"name": name}, **tag).status_code)

    together(lambda: change("Ada Reed"), lambda: change("Ada Stone"))

    assert sorted(answers) == [200, 412]
    changes = Event.objects.filter(subject="tenants.tenant", kind="row.update")
    assert changes.count() == 1


HOUSE = {
    "code": "A",
    "name": "Alder",
    "state": "NY",
    "operating_fund": "OP",
    "deposit_fund": "DEP",
}
LEASE = {"unit": "u-1", "starts_on": "2026-01-01", "payers": [{"tenant": "t-1"}]}
ACCOUNT = {
    "routing": "111000025",
    "account_number": "000987654321",
    "account_type": "checking",
    "holder_name": "Ada Moss",
}
FEE = {
    "external_id": "f-1",
    "lease": "l-1",
    "kind": "utility",
    "amount": 10_00,
    "currency": "USD",
    "due_on": "2026-03-15",
}


def move_in(program):
    yield program.put("properties/b-1", HOUSE)
    yield program.put("units/u-1", {"property": "b-1", "name": "3B"})
    yield program.put("tenants/t-1", {"name": "Ada Moss"})
    made = program.put("leases/l-1", LEASE)
    yield made
    yield program.put("leases/l-1", LEASE | {"ends_on": "2026-12-31"}, **seen(made))


def pay(program):
    account = program.post("tenants/t-1/bank-accounts", ACCOUNT)
    yield account
    mandate = program.post(
        "mandates",
        {
            "tenant": "t-1",
            "lease": "l-1",
            "bank_account": account.json()["token"],
            "text_version": MandateText.objects.latest("version").version,
            "channel": "paper",
            "max_amount": 1000_00,
            "currency": "USD",
            "evidence": {"signed_name": "Ada Moss", "signed_at": "2026-03-01T12:00:00Z"},
        },
    )
    yield mandate
    yield program.post("charges", FEE)
    yield program.get("leases/l-1/balance")
    yield program.post(f"{mandate['Location']}/revoke", {"reason": "He wrote so."})
    yield program.delete(account["Location"])


def listen(program):
    hook = program.post("webhook-endpoints", {"url": "https://erp.example.org"})
    yield hook
    yield program.post(f"{hook['Location']}/ping")
    yield program.post(f"{hook['Location']}/rotate-secret")
    yield program.get(f"{hook['Location']}/deliveries")
    yield program.delete(hook["Location"])


def test_the_web_process_may_do_all_of_it(program, committed_db):
    FundFactory(code="OP")
    FundFactory(code="DEP", deposit=True)

    with committed_db.acting_as("app"):
        codes = [
            [answer.status_code for answer in part(program)] for part in (move_in, pay, listen)
        ]

    assert codes == [
        [201, 201, 201, 201, 200],
        [201, 201, 201, 200, 200, 200],
        [201, 202, 200, 200, 200],
    ]
