"""What a lease owes: charged once, and summed from what the books know."""

from datetime import date

import pytest

from housing_ach.clock import services as clock
from housing_ach.payments.models import Payment
from housing_ach.tenants.models import Charge
from housing_ach.tenants.states import ChargeKind
from tests.api.programs import Program, first_error
from tests.factories import AT, LeaseFactory, MandateFactory, PaymentFactory, TenantFactory
from tests.payments.story import aim, owe, settle, shared_lease


@pytest.fixture
def program(db):
    clock.start(AT)
    return Program()


@pytest.fixture
def lease(program):
    return LeaseFactory()


def fee(lease, /, **other):
    return {
        "external_id": "fee-1",
        "lease": lease.external_id,
        "kind": "service_fee",
        "amount": 25_00,
        "currency": "USD",
        "due_on": "2026-03-15",
        "memo": "A new key",
    } | other


class TestAFee:
    def test_is_charged_to_who_pays(self, program, lease):
        answer = program.post("charges", fee(lease))

        made = Charge.objects.get()
        assert answer.status_code == 201
        assert answer["Location"] == f"/api/v1/charges/{made.pk}"
        assert made.memo == "A new key"
        assert answer.json() == {
            "object": "charge",
            "id": str(made.pk),
            "livemode": False,
            "external_id": "fee-1",
            "lease": lease.external_id,
            "kind": "service_fee",
            "amount": 25_00,
            "open_amount": 25_00,
            "currency": "USD",
            "due_on": "2026-03-15",
            "created_at": "2026-03-02T15:00:00Z",
            "shares": [{"tenant": lease.shares.get().tenant.external_id, "amount": 25_00}],
        }
        assert program.get(answer["Location"]).json() == answer.json()

    def test_is_charged_once_whatever_the_key(self, program, lease):
        answers = [program.post("charges", fee(lease)) for _ in "ab"]

        assert answers[0].json() == answers[1].json()
        assert Charge.objects.count() == 1

    def test_is_no_other_under_the_same_name(self, program, lease):
        program.post("charges", fee(lease))

        answer = program.post("charges", fee(lease, amount=30_00))

        assert first_error(answer) == (409, "/external_id", "ExternalIdTaken")

    def test_may_be_owed_by_one_alone(self, program):
        lease, _, second = shared_lease()

        answer = program.post("charges", fee(lease, tenant=second.tenant.external_id))

        assert answer.json()["shares"] == [{"tenant": second.tenant.external_id, "amount": 25_00}]

    @pytest.mark.parametrize(
        "memo", ["paid from 000987654321", "123-45-6789", "1234 5678 9012 3456"]
    )
    def test_tells_nobodys_number(self, program, lease, memo):
        answer = program.post("charges", fee(lease, memo=memo))

        assert first_error(answer)[:2] == (422, "/memo")
        assert memo not in answer.content.decode()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kind", "rent"),
            ("kind", "nsf_fee"),
            ("amount", 0),
            ("amount", "2500"),
            ("currency", "EUR"),
            ("due_on", "2036-03-15"),
            ("lease", "nobody"),
            ("tenant", "nobody"),
        ],
    )
    def test_makes_sense(self, program, lease, field, value):
        answer = program.post("charges", fee(lease, **{field: value}))

        assert first_error(answer)[:2] == (422, f"/{field}")
        assert not Charge.objects.exists()

    def test_is_owed_by_somebody(self, program):
        answer = program.post("charges", fee(LeaseFactory(share=None)))

        assert first_error(answer) == (409, "/due_on", "NoPayer")

    def test_is_not_charged_to_a_stranger(self, program, lease):
        answer = program.post("charges", fee(lease, tenant=TenantFactory().external_id))

        assert first_error(answer) == (409, "/due_on", "NoPayer")


def test_a_lease_lists_its_own_charges(program, lease, django_assert_max_num_queries):
    for day in (1, 2, 3):
        owe(lease, due_on=date(2026, 3, day))
    owe(LeaseFactory())

    with django_assert_max_num_queries(9):
        rows = program.get(f"leases/{lease.external_id}/charges").json()["data"]

    assert [row["due_on"] for row in rows] == ["2026-03-01", "2026-03-02", "2026-03-03"]


class TestABalance:
    def balance(self, program, lease):
        return program.get(f"leases/{lease.external_id}/balance").json()

    def test_of_a_new_lease_is_nothing(self, program, lease):
        told = self.balance(program, lease)

        assert (told["open_amount"], told["next_due"], len(told["payers"])) == (0, None, 1)

    def test_is_what_each_owes(self, program):
        lease, first, second = shared_lease()
        owe(lease, cents=1000_01, due_on=date(2026, 3, 1))
        owe(lease, cents=30_00, due_on=date(2026, 4, 1))

        told = self.balance(program, lease)

        assert (told["open_amount"], told["currency"]) == (1030_01, "USD")
        assert told["next_due"] == {"on": "2026-03-01", "amount": 1000_01}
        assert [(row["tenant"], row["open_amount"]) for row in told["payers"]] == [
            (first.tenant.external_id, 515_01),
            (second.tenant.external_id, 515_00),
        ]

    def test_tells_what_is_on_its_way(self, program):
        mandate = MandateFactory()
        (share,) = owe(mandate.lease)
        aim(PaymentFactory(mandate=mandate, cents=400_00), share)

        told = self.balance(program, mandate.lease)

        assert (told["open_amount"], told["in_flight_amount"]) == (1000_00, 400_00)
        assert told["next_due"] == {"on": "2026-03-01", "amount": 600_00}

    def test_tells_what_is_paid_ahead(self, program):
        mandate = MandateFactory()
        owe(mandate.lease, cents=700_00)
        settle(PaymentFactory(mandate=mandate, cents=1000_00))

        told = self.balance(program, mandate.lease)

        assert Payment.objects.get().purpose == ChargeKind.RENT
        assert (told["open_amount"], told["in_flight_amount"]) == (0, 0)
        assert (told["prepaid_amount"], told["next_due"]) == (300_00, None)

    def test_asks_as_often_for_many_charges(self, program, lease, django_assert_max_num_queries):
        for day in range(1, 8):
            owe(lease, due_on=date(2026, 3, day))

        with django_assert_max_num_queries(9):
            self.balance(program, lease)

    def test_of_nobody_is_not_there(self, program):
        assert program.get("leases/nobody/balance").status_code == 404
