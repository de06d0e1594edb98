"""A permission that was given elsewhere, with what proves it."""

import pytest

from housing_ach.clock import services as clock
from housing_ach.mandates.models import Mandate, MandateText
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from tests.api.programs import Program, first_error
from tests.factories import AT, BankAccountFactory, LeaseFactory, MandateFactory, PaymentFactory

SIGNED = "2026-03-01T12:30:00Z"


@pytest.fixture
def program(db):
    clock.start(AT)
    return Program()


@pytest.fixture
def account(program):
    lease = LeaseFactory()
    return BankAccountFactory(tenant=lease.shares.get().tenant)


def wish(account, /, **other):
    return {
        "tenant": account.tenant.external_id,
        "lease": account.tenant.shares.get().lease.external_id,
        "bank_account": str(account.token),
        "text_version": MandateText.objects.latest("version").version,
        "channel": "internet",
        "min_amount": 100_00,
        "max_amount": 2000_00,
        "currency": "USD",
        "roll": "backward",
        "evidence": evidence(),
    } | other


def evidence(**other):
    return {
        "signed_name": "Ada Moss",
        "signed_at": SIGNED,
        "ip": "203.0.113.9",
        "user_agent": "a browser",
    } | other


class TestAPermission:
    def test_is_kept_with_its_evidence(self, program, account):
        answer = program.post("mandates", wish(account))

        made = Mandate.objects.get()
        assert answer.status_code == 201
        assert answer["Location"] == f"/api/v1/mandates/{made.pk}"
        assert answer.json() == {
            "object": "mandate",
            "id": str(made.pk),
            "livemode": False,
            "tenant": account.tenant.external_id,
            "lease": made.lease.external_id,
            "bank_account": str(account.token),
            "status": "active",
            "channel": "internet",
            "sec_code": "WEB",
            "text_version": made.text.version,
            "recurring": True,
            "min_amount": 100_00,
            "max_amount": 2000_00,
            "currency": "USD",
            "roll": "backward",
            "signed_at": SIGNED,
            "revoked_at": None,
        }
        assert (made.signed_name, made.signed_ip, made.signed_user_agent) == (
            "Ada Moss",
            "203.0.113.9",
            "a browser",
        )
        assert program.get(answer["Location"]).json() == answer.json()

    def test_is_to_the_text_that_was_signed(self, program, account):
        old = MandateText.objects.create(version="0000-old", body="So it was.", sha256="0" * 64)

        program.post("mandates", wish(account, text_version="0000-old"))

        assert Mandate.objects.get().text == old

    def test_waits_for_an_account_that_is_not_verified(self, program):
        lease = LeaseFactory()
        account = BankAccountFactory(tenant=lease.shares.get().tenant, unverified=True)

        answer = program.post("mandates", wish(account))

        assert answer.json()["status"] == "pending_verification"

    @pytest.mark.parametrize("field", ["tenant", "lease", "text_version"])
    def test_names_what_is_there(self, program, account, field):
        answer = program.post("mandates", wish(account, **{field: "nobody"}))

        assert first_error(answer) == (422, f"/{field}", "not_found")

    def test_is_over_an_account_of_the_payer(self, program, account):
        other = BankAccountFactory()

        answer = program.post("mandates", wish(account, bank_account=str(other.token)))

        assert first_error(answer) == (409, "/bank_account", "NotAParty")

    def test_given_online_names_the_device(self, program, account):
        proof = evidence()
        del proof["ip"]

        answer = program.post("mandates", wish(account, evidence=proof))

        assert first_error(answer) == (409, "/evidence", "NoEvidence")

    def test_is_not_signed_tomorrow(self, program, account):
        later = evidence(signed_at="2026-03-03T00:00:00Z")

        answer = program.post("mandates", wish(account, evidence=later))

        assert first_error(answer)[:2] == (422, "/evidence/signed_at")

    def test_is_a_range(self, program, account):
        answer = program.post("mandates", wish(account, max_amount=1_00))

        assert first_error(answer)[:2] == (422, "/max_amount")

    def test_is_listed_by_whose_it_is(self, program, account, django_assert_max_num_queries):
        program.post("mandates", wish(account))
        MandateFactory()

        with django_assert_max_num_queries(6):
            own = program.get(f"mandates?tenant={account.tenant.external_id}").json()["data"]
        every = program.get("mandates").json()["data"]

        assert [row["tenant"] for row in own] == [account.tenant.external_id]
        assert len(every) == 2

    def test_that_nobody_gave_is_not_there(self, program):
        assert program.get("mandates/99999999999999999999").status_code == 404


def test_the_texts_can_be_read(program):
    newest = program.get("mandate-texts").json()["data"][-1]

    assert newest["body"]
    assert newest["version"] == MandateText.objects.order_by("pk").last().version


class TestRevoking:
    def test_tells_what_it_stopped_and_what_is_under_way(self, program):
        mandate = MandateFactory()
        stopped = PaymentFactory(mandate=mandate)
        sent = PaymentFactory(mandate=mandate, status=PaymentStatus.SENT)

        answer = program.post(f"mandates/{mandate.pk}/revoke", {"reason": "He wrote so."})

        assert answer.status_code == 200
        assert answer.json()["status"] == "revoked"
        assert answer.json()["cancelled"] == [str(stopped.pk)]
        assert answer.json()["under_way"] == [str(sent.pk)]
        assert Payment.objects.get(pk=stopped.pk).status == PaymentStatus.CANCELLED

    def test_again_does_nothing(self, program):
        mandate = MandateFactory()

        answers = [program.post(f"mandates/{mandate.pk}/revoke", {"reason": "No."}) for _ in "ab"]

        mandate.refresh_from_db()
        assert [answer.status_code for answer in answers] == [200, 200]
        assert mandate.status == MandateStatus.REVOKED

    def test_says_why(self, program):
        mandate = MandateFactory()

        answer = program.post(f"mandates/{mandate.pk}/revoke", {"reason": " "})

        assert first_error(answer)[:2] == (422, "/reason")
        assert Mandate.objects.get().status == MandateStatus.ACTIVE
