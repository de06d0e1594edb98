"""An account number comes in, and nothing of it goes out but its last four."""

import logging
from hashlib import sha256

import pytest
from django.apps import apps

from housing_ach.api.models import IdempotencyKey
from housing_ach.clock import services as clock
from housing_ach.mandates.models import BankAccount, BankAccountVersion
from housing_ach.mandates.services import add_bank_account, correct_account
from housing_ach.mandates.states import AccountType, MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import Purpose
from housing_ach.payouts.models import MicroDepositTry
from housing_ach.tenants.services import set_policy
from housing_ach.tenants.states import Rollout, VerificationOffer
from housing_ach.users.services import system_user
from housing_ach.users.states import Scope
from tests.api.programs import Program, first_error, seen
from tests.factories import AT, AutopayFactory, BankAccountFactory, MandateFactory, TenantFactory
from tests.payouts.story import LATER, amounts, arrived, waiting, wrong

NUMBER = "000987654321"


@pytest.fixture
def tenant(db):
    clock.start(AT)
    return TenantFactory(external_id="t-1")


@pytest.fixture
def program(tenant):
    return Program()


def account(**other):
    return {
        "holder_name": "Ada Moss",
        "routing": "111000025",
        "account_number": NUMBER,
        "account_type": "checking",
    } | other


def place(row, more=""):
    return f"tenants/{row.tenant.external_id}/bank-accounts/{row.token}{more}"


class TestAnAccount:
    def test_becomes_a_token(self, program, tenant):
        answer = program.post("tenants/t-1/bank-accounts", account())

        made = BankAccount.objects.get(tenant=tenant)
        assert answer.status_code == 201
        assert answer["Location"] == f"/api/v1/tenants/t-1/bank-accounts/{made.token}"
        assert answer.json() == {
            "object": "bank_account",
            "id": str(made.pk),
            "livemode": False,
            "token": str(made.token),
            "tenant": "t-1",
            "account_type": "checking",
            "last_four": "4321",
            "status": "open",
            "verification": "unverified",
            "verified_by": None,
            "verified_on": None,
            "version": 1,
            "created_at": "2026-03-02T15:00:00Z",
        }
        assert program.get(answer["Location"]).json() == answer.json()

    def test_needs_a_scope_of_its_own(self, tenant):
        answer = Program(Scope.READ, Scope.WRITE).post("tenants/t-1/bank-accounts", account())

        assert answer.status_code == 403
        assert not BankAccount.objects.exists()

    def test_is_taken_in_once(self, program, tenant):
        again = [
            program.post("tenants/t-1/bank-accounts", account(), key="a-key-of-it") for _ in "ab"
        ]

        assert again[0].json() == again[1].json()
        assert again[1]["Idempotent-Replayed"] == "true"
        assert BankAccount.objects.count() == 1

    def test_is_known_under_another_key(self, program, tenant):
        program.post("tenants/t-1/bank-accounts", account())

        answer = program.post("tenants/t-1/bank-accounts", account())

        assert first_error(answer) == (409, "/account_number", "AccountKnown")

    def test_of_nobody_is_not_taken(self, program):
        assert program.post("tenants/t-9/bank-accounts", account()).status_code == 404

    def test_is_known_by_the_token_it_had(self, program, tenant):
        row = add_bank_account(
            tenant=tenant,
            holder_name="Ada Moss",
            routing="111000025",
            account_number=NUMBER,
            account_type=AccountType.CHECKING,
            at=AT,
        )
        before = place(row)
        correct_account(row, reason="C01", at=LATER, account_number="000987654322")
        row.refresh_from_db()

        answer = program.get(before)

        assert (answer.status_code, answer.json()["token"]) == (200, str(row.token))
        assert str(row.token) not in before

    def test_of_another_tenant_is_not_there(self, program, tenant):
        other = BankAccountFactory()

        assert program.get(f"tenants/t-1/bank-accounts/{other.token}").status_code == 404
        assert program.delete(f"tenants/t-1/bank-accounts/{other.token}").status_code == 404

    def test_is_listed_with_its_tenant_alone(self, program, tenant, django_assert_max_num_queries):
        rows = [BankAccountFactory(tenant=tenant) for _ in range(3)]
        BankAccountFactory()

        with django_assert_max_num_queries(6):
            told = program.get("tenants/t-1/bank-accounts").json()["data"]

        assert [row["id"] for row in told] == [str(row.pk) for row in rows]


class TestTheNumber:
    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"routing": NUMBER},
            {"routing": "111000026"},
            {"account_type": NUMBER},
            {"holder_name": f"Ada {NUMBER}"},
            {"account_number": f"#{NUMBER}"},
            {"account_number": int(NUMBER)},
            {"ssn": NUMBER},
        ],
        ids=str,
    )
    def test_is_in_no_answer_log_or_record(self, program, tenant, wrong, caplog):
        caplog.set_level(logging.DEBUG)

        answer = program.post("tenants/t-1/bank-accounts", account(**wrong))

        assert answer.status_code == (
            409 if wrong.get("routing") == "111000026" else 422 if wrong else 201
        )
        kept = str(list(IdempotencyKey.objects.values_list()))
        for told in (answer.content.decode(), caplog.text, kept):
            assert NUMBER.lstrip("0") not in told

    def test_is_in_no_table(self, program, tenant):
        program.post("tenants/t-1/bank-accounts", account())

        for model in apps.get_models():
            if not model._meta.managed:
                continue
            for row in model.objects.values_list():
                assert NUMBER not in str(row), model
        assert BankAccount.objects.exists()

    def test_cannot_be_guessed_from_the_print_of_the_request(self, program, tenant, settings):
        program.post("tenants/t-1/bank-accounts", account(), key="a-key-of-it")
        kept = IdempotencyKey.objects.get()

        settings.SECRET_KEY = "another"
        answer = program.post("tenants/t-1/bank-accounts", account(), key="a-key-of-it")

        assert len(kept.fingerprint) == len(sha256().hexdigest())
        assert answer.json()["type"] == "/problems/idempotency-key-reused"


class TestVerifying:
    def test_starts_with_micro_deposits(self, program):
        mandate = waiting()

        answer = program.post(
            place(mandate.bank_account, "/verify"),
            {"method": "micro_deposits", "lease": mandate.lease.external_id},
        )

        assert (answer.status_code, answer.json()["verification"]) == (202, "pending")
        assert Payment.objects.filter(purpose=Purpose.MICRO_DEPOSIT).count() == 2

    def test_starts_with_a_prenote(self, program):
        mandate = waiting()

        answer = program.post(
            place(mandate.bank_account, "/verify"),
            {"method": "prenote", "mandate": str(mandate.pk)},
        )

        assert (answer.status_code, answer.json()["verification"]) == (202, "pending")
        assert Payment.objects.get().purpose == Purpose.PRENOTE

    @pytest.mark.parametrize(
        ("method", "other"),
        [
            ("micro_deposits", VerificationOffer.PRENOTE),
            ("prenote", VerificationOffer.MICRO_DEPOSIT),
        ],
    )
    def test_goes_the_ways_that_are_offered(self, program, method, other):
        mandate = waiting()
        set_policy(by=system_user(), at=AT, verification=[other])
        named = {"lease": mandate.lease.external_id}
        named = {"mandate": str(mandate.pk)} if method == "prenote" else named

        answer = program.post(place(mandate.bank_account, "/verify"), {"method": method} | named)

        assert first_error(answer) == (409, "/method", "NotOffered")

    def test_moves_no_money_where_nothing_is_live(self, program):
        mandate = waiting(lease__unit__property__rollout=Rollout.SHADOW)

        answer = program.post(
            place(mandate.bank_account, "/verify"),
            {"method": "prenote", "mandate": str(mandate.pk)},
        )

        assert first_error(answer) == (409, "/lease", "NotLive")

    def test_by_a_permission_over_another_account_is_none(self, program):
        mandate, other = waiting(), MandateFactory()

        answer = program.post(
            place(mandate.bank_account, "/verify"), {"method": "prenote", "mandate": str(other.pk)}
        )

        assert first_error(answer) == (422, "/mandate", "not_found")

    @pytest.mark.parametrize(
        "body", [{"method": "prenote", "lease": "l"}, {"method": "manual"}], ids=str
    )
    def test_says_what_it_needs(self, program, body):
        answer = program.post(place(waiting().bank_account, "/verify"), body)

        assert answer.status_code == 422

    def test_ends_with_the_right_amounts(self, program):
        mandate = waiting()
        deposits = arrived(mandate)
        right = {"amounts": list(amounts(deposits))}

        answers = [program.post(place(mandate.bank_account, "/confirm"), right) for _ in "ab"]

        mandate.refresh_from_db()
        assert [answer.json()["verification"] for answer in answers] == ["verified", "verified"]
        assert answers[0].json()["verified_by"] == "micro"
        assert mandate.status == MandateStatus.ACTIVE

    def test_counts_wrong_amounts_though_it_refuses_them(self, program):
        mandate = waiting()
        deposits = arrived(mandate)

        answer = program.post(
            place(mandate.bank_account, "/confirm"), {"amounts": list(wrong(deposits))}
        )

        assert first_error(answer) == (409, "/amounts", "WrongAmounts")
        assert MicroDepositTry.objects.count() == 1


class TestClosing:
    def test_takes_the_permissions_with_it(self, program):
        mandate = MandateFactory()

        answers = [program.delete(place(mandate.bank_account)) for _ in "ab"]

        mandate.refresh_from_db()
        assert [(row.status_code, row.json()["status"]) for row in answers] == [(200, "closed")] * 2
        assert mandate.status == MandateStatus.REVOKED

    def test_waits_for_autopay_to_end(self, program):
        plan = AutopayFactory()

        answer = program.delete(place(plan.mandate.bank_account))

        assert first_error(answer) == (409, "/bank_account", "AccountInUse")
        assert BankAccountVersion.objects.count() == 1

    def test_is_of_what_was_seen_where_that_is_said(self, program):
        row = BankAccountFactory()
        tag = seen(program.get(place(row)))
        BankAccount.objects.update(last_four="1111")

        assert program.delete(place(row), **tag).status_code == 412
