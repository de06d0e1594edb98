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


def test_the_web_process_may_do_all_of_it(program, committed_db):
    FundFactory(code="OP")
    FundFactory(code="DEP", deposit=True)
    text = MandateText.objects.latest("version").version
    house = {"code": "A", "name": "Alder", "state": "NY"}
    funds = {"operating_fund": "OP", "deposit_fund": "DEP"}
    usd = {"currency": "USD"}
    evidence = {"signed_name": "Ada Moss", "signed_at": "2026-03-01T12:00:00Z"}
    lease = {"unit": "u-1", "starts_on": "2026-01-01", "payers": [{"tenant": "t-1"}]}
    number = {"routing": "111000025", "account_number": "000987654321", "account_type": "checking"}
    with committed_db.acting_as("app"):
        codes = [
            program.put("properties/b-1", house | funds),
            program.put("units/u-1", {"property": "b-1", "name": "3B"}),
            program.put("tenants/t-1", {"name": "Ada Moss"}),
            made := program.put("leases/l-1", lease),
            program.put("leases/l-1", lease | {"ends_on": "2026-12-31"}, **seen(made)),
            account := program.post(
                "tenants/t-1/bank-accounts", number | {"holder_name": "Ada Moss"}
            ),
            mandate := program.post(
                "mandates",
                {
                    "tenant": "t-1",
                    "lease": "l-1",
                    "bank_account": account.json()["token"],
                    "text_version": text,
                    "channel": "paper",
                    "max_amount": 1000_00,
                    "evidence": evidence,
                }
                | usd,
            ),
            program.post(
                "charges",
                {
                    "external_id": "f-1",
                    "lease": "l-1",
                    "kind": "utility",
                    "amount": 10_00,
                    "due_on": "2026-03-15",
                }
                | usd,
            ),
            program.get("leases/l-1/balance"),
            program.post(f"{mandate['Location']}/revoke", {"reason": "He wrote so."}),
            program.delete(account["Location"]),
            hook := program.post("webhook-endpoints", {"url": "https://erp.example.org"}),
            program.post(f"{hook['Location']}/ping"),
            program.post(f"{hook['Location']}/rotate-secret"),
            program.get(f"{hook['Location']}/deliveries"),
            program.delete(hook["Location"]),
        ]

    assert [answer.status_code for answer in codes] == [
        *(201, 201, 201, 201, 200, 201, 201, 201),
        *(200, 200, 200, 201, 202, 200, 200, 200),
    ]
