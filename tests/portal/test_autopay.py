"""Autopay in force: changed in place, skipped, paused, resumed, and taken back."""

from datetime import UTC, date, datetime, time

import pytest

from housing_ach.clock import services as clock
from housing_ach.mandates.models import Autopay, AutopayPause, Mandate
from housing_ach.mandates.states import AutopayMode, MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.services import run_autopay
from housing_ach.payments.states import PaymentStatus
from tests.factories import AutopayFactory, BankAccountFactory, MandateFactory
from tests.payments.story import status_of
from tests.portal.payers import payer
from tests.portal.signing_in import PASSWORD

RUN_DAY = date(2026, 3, 30)
NOON = datetime.combine(RUN_DAY, time(16), UTC)
APRIL = {"day": "2026-04-01"}
SIGNED = {"signed_name": "Ada Lovelace", "agrees": "on"}


@pytest.fixture
def ada(db):
    ada = payer()
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    ada.client.force_login(ada.tenant.user)
    ada.mandate = MandateFactory(lease=ada.lease, bank_account=ada.account)
    ada.plan = AutopayFactory(mandate=ada.mandate)
    return ada


def asked(ada):
    """The April debit was made by the run."""
    clock.advance(NOON)
    ada.owe(1000_00, due_on=date(2026, 4, 1))
    (pk,) = run_autopay(on=RUN_DAY, at=NOON)
    return Payment.objects.get(pk=pk)


def with_bank(payment):
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.SENT)


def page(ada, path, **given):
    return ada.client.get(f"/autopay/{ada.plan.pk}/{path}/", given).text


def post(ada, path, **form):
    return ada.client.post(f"/autopay/{ada.plan.pk}/{path}/", form)


def test_its_page_tells_plan_account_and_dates(ada):
    ada.owe(1000_00, due_on=date(2026, 4, 1))

    told = ada.client.get("/autopay/").text

    assert "The full balance" in told
    assert "Checking account ending 6789" in told
    assert "$1,000.00" in told
    assert "April 1, 2026" in told
    assert "moved from Aug. 1, 2026: weekend" in told
    assert f"/authorizations/{ada.mandate.pk}.pdf" in told


def test_the_payment_shown_is_skipped(ada):
    payment = asked(ada)
    shown = page(ada, "skip")
    answer = post(ada, "skip", **APRIL)

    assert "Take nothing on April 1, 2026" in shown
    assert "This is canceled with it" in shown
    assert "can be stopped until March 31, 2026" in shown
    assert answer.status_code == 302
    assert status_of(payment) == PaymentStatus.CANCELLED
    assert "Skipped" in ada.client.get("/autopay/").text


def test_a_skip_too_late_says_so_and_skips_nothing_else(ada):
    payment = asked(ada)
    page(ada, "skip")
    with_bank(payment)

    answer = post(ada, "skip", **APRIL)

    assert answer.status_code == 422
    assert "It is too late to skip the payment of April 1, 2026" in answer.text
    assert "This can no longer be stopped" in answer.text
    assert "Take nothing on May 1, 2026" in answer.text
    assert not AutopayPause.objects.exists()


def test_a_skip_sent_twice_skips_once(ada):
    asked(ada)

    for _ in range(2):
        post(ada, "skip", **APRIL)

    assert AutopayPause.objects.count() == 1
    assert "is skipped already" in ada.client.get("/autopay/").text


def test_a_pause_tells_what_it_leaves_out_and_stops(ada):
    payment = asked(ada)

    told = page(ada, "pause", until="2026-05-31")
    answer = post(ada, "pause", until="2026-05-31")

    assert "April 1, 2026" in told
    assert "May 1, 2026" in told
    assert answer.status_code == 302
    assert status_of(payment) == PaymentStatus.CANCELLED
    assert "Autopay takes payments again from June 1, 2026" in ada.client.get("/autopay/").text


def test_what_is_with_the_bank_goes_on_through_a_pause(ada):
    with_bank(asked(ada))

    told = page(ada, "pause", until="2026-05-31")
    answer = ada.client.post(f"/autopay/{ada.plan.pk}/pause/", {"until": "2026-05-31"}, follow=True)

    assert "This can no longer be stopped" in told
    assert "The payment of April 1, 2026 is with the bank and goes on." in answer.text


@pytest.mark.parametrize("until", ["2026-01-01", "2030-01-01", "soon", ""])
def test_a_pause_ends_on_a_day_to_come(ada, until):
    answer = post(ada, "pause", until=until)

    assert answer.status_code == 422
    assert not AutopayPause.objects.exists()


def test_it_runs_again_where_it_was_paused(ada):
    post(ada, "pause", until="2026-05-31")
    paused = ada.client.get("/autopay/").text

    told = page(ada, "resume")
    post(ada, "resume")
    again = post(ada, "resume")

    assert "Paused</span>" in paused
    assert "April 1, 2026" in told
    assert again.status_code == 302
    assert "Paused</span>" not in ada.client.get("/autopay/").text


def test_what_was_canceled_is_not_made_again(ada):
    asked(ada)
    post(ada, "skip", **APRIL)

    told = page(ada, "resume")

    assert "These were canceled and are not made again" in told


def test_a_permission_is_taken_back_with_what_is_not_sent(ada):
    payment = asked(ada)
    told = ada.client.get(f"/authorizations/{ada.mandate.pk}/revoke/").text

    for _ in range(2):
        answer = ada.client.post(f"/authorizations/{ada.mandate.pk}/revoke/")

    ada.mandate.refresh_from_db()
    ada.plan.refresh_from_db()
    assert "This is canceled with it" in told
    assert answer.status_code == 302
    assert (ada.mandate.status, ada.plan.ends_on) == (MandateStatus.REVOKED, RUN_DAY)
    assert status_of(payment) == PaymentStatus.CANCELLED


def test_what_is_with_the_bank_is_told_when_a_permission_ends(ada):
    with_bank(asked(ada))

    answer = ada.client.post(f"/authorizations/{ada.mandate.pk}/revoke/", follow=True)

    assert "What is with the bank already cannot be stopped" in answer.text


def test_the_day_is_changed_in_place_without_signing_again(ada):
    answer = post(ada, "change/schedule", day_of_month=15, roll="FORWARD")
    review = page(ada, "change/review")
    done = post(ada, "change/review")

    ada.plan.refresh_from_db()
    assert answer.url == f"/autopay/{ada.plan.pk}/change/review/"
    assert "you need not sign again" in review
    assert done.status_code == 302
    assert (ada.plan.day_of_month, ada.plan.mandate) == (15, ada.mandate)
    assert Mandate.objects.count() == 1


def test_more_than_was_signed_is_signed(ada):
    post(ada, "change/amount", mode="FULL_BALANCE", most="6000")
    unsigned = post(ada, "change/review")
    post(ada, "change/review", **SIGNED)

    plan = Autopay.objects.select_related("mandate").get()
    ada.mandate.refresh_from_db()
    assert unsigned.status_code == 422
    assert (plan.mandate.max_cents, plan.mandate.signed_name) == (6000_00, "Ada Lovelace")
    assert ada.mandate.status == MandateStatus.REVOKED
    assert plan.ends_on is None


def test_a_smaller_amount_is_within_what_was_signed(ada):
    post(ada, "change/amount", mode="FIXED", fixed="500")
    post(ada, "change/review")

    plan = Autopay.objects.get()
    assert (plan.mode, plan.cents, plan.mandate) == (AutopayMode.FIXED, 500_00, ada.mandate)


def test_another_account_takes_the_password_and_a_signature(ada):
    other = BankAccountFactory(tenant=ada.tenant, last_four="4444")
    refused = post(ada, "change/account", account=other.pk)
    post(ada, "change/account", account=other.pk, password=PASSWORD)
    post(ada, "change/review", **SIGNED)

    plan = Autopay.objects.select_related("mandate").get()
    assert refused.status_code == 422
    assert 'href="#id_password"' in refused.text
    assert plan.mandate.bank_account == other


def test_a_change_leaves_what_was_made_and_its_permission(ada):
    asked(ada)
    post(ada, "change/amount", mode="FULL_BALANCE", most="6000")

    review = page(ada, "change/review")
    post(ada, "change/review", **SIGNED)

    ada.mandate.refresh_from_db()
    assert "These go as they are" in review
    assert ada.mandate.status == MandateStatus.ACTIVE


def test_a_plan_ended_meanwhile_is_told(ada):
    ada.client.post(f"/authorizations/{ada.mandate.pk}/revoke/")

    told = {
        path: ada.client.post(f"/autopay/{ada.plan.pk}/{path}/", follow=True).text
        for path in ("skip", "pause", "resume", "change/review")
    }

    assert not {path for path, text in told.items() if "This autopay has ended" not in text}


@pytest.mark.parametrize(
    "path",
    ["done", "skip", "pause", "resume", *(f"change/{step}" for step in ("amount", "review"))],
)
def test_another_tenants_plan_is_not_found(ada, path):
    other = AutopayFactory()

    answers = [
        ask(f"/autopay/{other.pk}/{path}/").status_code for ask in (ada.client.get, ada.client.post)
    ]

    assert answers[0] == 404
    assert answers[1] in {404, 405}


def test_another_tenants_permission_is_not_found(ada):
    other = MandateFactory()

    assert ada.client.post(f"/authorizations/{other.pk}/revoke/").status_code == 404
    other.refresh_from_db()
    assert other.status == MandateStatus.ACTIVE
