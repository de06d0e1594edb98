"""One payment: what is known of it, and what is decided about it."""

import re
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.mandates.models import Notice
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold, pay_now, run_autopay
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.models import Property
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind, Role
from tests.batches.town import NOON, TUESDAY, Town
from tests.desk.signing_in import verified
from tests.factories import (
    AutopayFactory,
    BankProfileFactory,
    MandateFactory,
    PropertyFactory,
    UserFactory,
    WindowFactory,
)
from tests.payments.story import owe

pytestmark = pytest.mark.django_db
APRIL, RUN_DAY = date(2026, 4, 1), date(2026, 3, 30)


def town_of() -> Town:
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def town() -> Town:
    start(NOON)
    return town_of()


def browser(role: Role = Role.FINANCE, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def path(payment: Payment, more: str = "") -> str:
    return f"/desk/payments/{payment.pk}/{more}"


def decide(client: Client, payment: Payment, do: str, reason: str = "the tenant called"):
    return client.post(path(payment, "decide/"), {"do": do, "reason": reason})


def held(town: Town) -> Payment:
    payment = town.debit()
    hold([payment.pk], kind=CaseKind.HOLD, reason="looked odd", at=NOON)
    payment.refresh_from_db()
    return payment


def waiting(town: Town) -> Payment:
    """Asked for by the clerk with a second pair of eyes."""
    first = town.debit()
    add_charge(lease=first.lease, kind=ChargeKind.RENT, cents=300_00, due_on=TUESDAY, at=NOON)
    order = pay_now(
        tenant=first.tenant,
        lease=first.lease,
        mandate=first.mandate,
        cents=300_00,
        requested_on=TUESDAY,
        by=town.clerk,
        at=NOON,
        needs_approval=True,
    )
    return order.payments.get()


@pytest.fixture
def untold() -> Payment:
    """A debit beyond what its payer authorised, of which no notice was sent."""
    at = datetime.combine(RUN_DAY, time(16), UTC)
    start(at)
    autopay = AutopayFactory(mandate=MandateFactory(max_cents=1500_00))
    owe(autopay.lease, 1600_00, APRIL)
    run_autopay(on=RUN_DAY, at=at)
    return Payment.objects.get()


def status_of(payment: Payment) -> str:
    return Payment.objects.values_list("status", flat=True).get(pk=payment.pk)


def shown(text: str) -> str:
    return " ".join(text.split())


def test_it_tells_whose_it_is_its_dates_and_its_file(town):
    payment = town.debit()
    town.frozen()

    page = shown(browser().get(path(payment)).text)

    assert payment.tenant.name in page
    assert f"•••• {payment.bank_account.last_four}" in page
    assert "Mar 2, 2026 16:00" in page
    assert "Mar 3, 2026" in page
    assert Entry.objects.get().trace in page
    assert "cannot be stopped any more" in page


def test_it_tells_what_the_books_say(town):
    payment = town.debit()
    town.frozen()
    from_file = Entry.objects.get()

    told = browser().get(path(payment)).context

    assert [row.entry for row in told["attempts"]] == [from_file]
    assert [line.cents for line in told["targets"]] == [1000_00]


def test_a_hold_says_who_did_it_and_why(town):
    payment, client = town.debit(), browser()

    decide(client, payment, "hold", "rent is in dispute")
    page = client.get(path(payment)).text

    assert status_of(payment) == PaymentStatus.HELD
    assert "rent is in dispute" in page
    assert Case.objects.get().kind == CaseKind.HOLD


def test_a_held_payment_is_released(town):
    payment = held(town)

    answer = decide(browser(), payment, "release")

    assert answer.status_code == 302
    assert status_of(payment) == PaymentStatus.SCHEDULED


def test_who_asked_for_it_neither_releases_nor_approves(town):
    odd, new = held(town), waiting(town)
    give_role(town.clerk, Role.FINANCE)
    maker = verified(town.clerk)

    released = decide(maker, odd, "release")
    approved = maker.get(path(new, "approve/"))

    assert released.status_code == 422
    assert "somebody else has to decide" in released.text
    assert "the tenant called" in released.text
    assert "somebody else has to decide" in approved.text
    assert 'name="code"' not in approved.text
    assert {status_of(odd), status_of(new)} == {"HELD", "AWAITING_APPROVAL"}


def test_a_payment_is_cancelled(town):
    payment = town.debit()

    decide(browser(), payment, "cancel")

    assert status_of(payment) == PaymentStatus.CANCELLED


def test_a_second_click_is_told_how_it_stands(town):
    payment, client = town.debit(), browser()
    decide(client, payment, "cancel")

    again = decide(client, payment, "cancel")
    held_too = decide(client, payment, "hold")

    assert again.status_code == held_too.status_code == 422
    assert "the payment is now “Canceled”" in again.text
    assert "the payment is now “Canceled”" in held_too.text


def test_what_is_in_a_file_is_refused_with_its_cut_off(town):
    payment = town.debit()
    town.frozen()

    answer = decide(browser(), payment, "cancel")

    assert answer.status_code == 422
    assert "The cut-off of its file passed on Mar 2, 2026 16:00" in answer.text
    assert status_of(payment) == PaymentStatus.BATCHED


def test_a_decision_without_a_reason_is_asked_for_one(town):
    payment = town.debit()

    answer = decide(browser(), payment, "hold", reason=" ")

    assert answer.status_code == 422
    assert 'href="#id_reason"' in answer.text
    assert status_of(payment) == PaymentStatus.SCHEDULED


def test_a_second_person_approves_with_a_fresh_code(town):
    payment = waiting(town)
    user = UserFactory(is_staff=True)
    give_role(user, Role.FINANCE)
    StaticDevice.objects.create(user=user, name="codes").token_set.create(token="once")
    client = verified(user)

    wrong = client.post(path(payment, "approve/"), {"code": "never"})
    before = status_of(payment)
    StaticDevice.objects.update(throttling_failure_count=0)
    TOTPDevice.objects.update(throttling_failure_count=0)
    right = client.post(path(payment, "approve/"), {"code": "once"})

    assert (wrong.status_code, before) == (422, PaymentStatus.AWAITING_APPROVAL)
    assert right.status_code == 302
    assert status_of(payment) == PaymentStatus.SCHEDULED


def test_who_has_approved_is_told_to_the_next(town):
    payment, client = town.debit(), browser()

    answer = client.get(path(payment, "approve/"), follow=True)

    assert "the payment is now “Scheduled”" in answer.text


def test_a_debit_nobody_was_told_of_is_not_released(untold):
    answer = decide(browser(), untold, "release")

    assert answer.status_code == 422
    assert "Told today, it can be debited from Apr 9, 2026 on" in answer.text
    assert status_of(untold) == PaymentStatus.HELD


def test_it_is_moved_to_the_first_lawful_day_and_told(untold):
    client = browser()

    offered = shown(client.get(path(untold)).text)
    client.post(path(untold, "tell/"))

    untold.refresh_from_db()
    assert "Send the notice and move the debit to Apr 9, 2026" in offered
    assert untold.effective_on == date(2026, 4, 9)
    assert Notice.objects.get().debit_on == untold.effective_on


def test_only_what_waits_for_a_notice_is_told(town):
    payment = held(town)

    answer = browser().post(path(payment, "tell/"))

    assert answer.status_code == 422
    assert "does not wait for a notice" in answer.text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN, Role.PROPERTY_MANAGER])
def test_others_look_and_do_nothing(town, role):
    payment = held(town)
    to = town.home if role == Role.PROPERTY_MANAGER else None
    client = browser(role, to)

    page = client.get(path(payment))
    tried = [decide(client, payment, do).status_code for do in ("release", "hold", "cancel")]
    tried += [client.post(path(payment, more)).status_code for more in ("approve/", "tell/")]

    assert page.status_code == 200
    assert "Decide about it" not in page.text
    assert tried == [403] * 5
    assert status_of(payment) == PaymentStatus.HELD


def test_another_propertys_payment_is_not_there(town):
    payment, elsewhere = town.debit(), town_of()

    manager = browser(Role.PROPERTY_MANAGER, elsewhere.home)

    assert manager.get(path(payment)).status_code == 404


def test_finance_of_one_property_that_sees_another_does_not_act_there(town):
    payment, elsewhere = town.debit(), town_of()
    user = UserFactory(is_staff=True)
    give_role(user, Role.PROPERTY_MANAGER, to=town.home)
    give_role(user, Role.FINANCE, to=elsewhere.home)
    client = verified(user)

    assert client.get(path(payment)).status_code == 200
    assert decide(client, payment, "cancel").status_code == 403


def test_the_cents_that_verify_an_account_are_nowhere_on_its_page(town):
    deposits = town.micro_deposits()
    payment = deposits.order.payments.order_by("pk")[0]
    town.frozen()

    # A drawing is full of such numbers.
    page = re.sub(r"<svg.*?</svg>", "", browser().get(path(payment)).text, flags=re.DOTALL)

    assert f"0.{payment.cents:02}" not in page
    assert "In the books" not in page


def test_more_attempts_and_charges_cost_no_more_questions(town):
    payment, client = town.debit(), browser()
    town.build()
    client.get(path(payment))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(path(payment))
    like = Entry.objects.get()
    for _ in range(4):
        like.pk, like.status = None, "EJECTED"
        like.save(force_insert=True)

    with CaptureQueriesContext(
        connection,
    ) as many:
        client.get(path(payment))

    assert len(many) == len(few)
