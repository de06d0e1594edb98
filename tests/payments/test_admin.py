"""Payments and permissions, as staff sees and works them."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.mandates.models import (
    Autopay,
    AutopayPause,
    BankAccount,
    BankAccountVersion,
    Mandate,
    MandateText,
)
from housing_ach.mandates.services import pause_autopay
from housing_ach.payments.models import Allocation, Limit, Order, Payment, PaymentTarget, Release
from housing_ach.payments.services import hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.states import Role
from tests.desk.signing_in import verified
from tests.factories import (
    AT,
    AutopayFactory,
    MembershipFactory,
    PaymentFactory,
    UserFactory,
)
from tests.payments.story import DAY, aim, give_back, owe, settle, status_of

pytestmark = pytest.mark.django_db
HISTORY = [
    *(BankAccount, BankAccountVersion, MandateText, Mandate, Autopay, AutopayPause),
    *(Order, Payment, PaymentTarget, Allocation, Release),
]


@pytest.fixture
def root():
    return UserFactory(admin=True)


@pytest.fixture
def browser(root):
    return verified(root)


def page_of(model, name="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def live(plans):
    """Leases with a plan that is paused, and a payment that was settled and came back."""
    for _ in range(plans):
        autopay = AutopayFactory()
        pause_autopay(autopay, starts_on=DAY, ends_on=DAY)
        shares = owe(autopay.lease)
        payment = PaymentFactory(mandate=autopay.mandate)
        aim(payment, *shares)
        settle(payment)
        give_back(payment)


def act(browser, payment, action, reason=""):
    chosen = {"action": action, "_selected_action": [payment.pk], "reason": reason}
    answer = browser.post(page_of(Payment), chosen, follow=True)
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("model", [*HISTORY, Limit])
def test_every_page_opens(browser, model):
    live(1)
    row = model.objects.first()

    assert browser.get(page_of(model)).status_code == 200
    if row:
        assert browser.get(page_of(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", HISTORY)
def test_nothing_is_added_changed_or_deleted_by_hand(browser, model):
    live(1)
    row = model.objects.first()

    assert browser.get(page_of(model, "add")).status_code == 403
    assert browser.post(page_of(model, "change", row.pk), {"status": "X"}).status_code == 403
    assert browser.get(page_of(model, "delete", row.pk)).status_code == 403


@pytest.mark.parametrize("model", HISTORY)
def test_a_longer_list_asks_no_more_questions(browser, model):
    live(1)
    browser.get(page_of(model))
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(page_of(model))
    live(4)

    with CaptureQueriesContext(connection) as many:
        browser.get(page_of(model))

    assert len(many) <= len(few)


@pytest.mark.parametrize("model", [BankAccount, BankAccountVersion])
def test_neither_token_nor_print_is_shown(browser, model):
    live(1)
    row = model.objects.get()

    page = browser.get(page_of(model, "change", row.pk)).content.decode()

    assert str(row.token) not in page
    assert "fingerprint" not in page
    assert "6789" in page


@pytest.mark.parametrize("words", ["6789", "Adelheid"])
def test_payments_are_found_by_last_four_and_tenant(browser, words):
    payment = PaymentFactory()
    payment.tenant.name = "Adelheid Quint"
    payment.tenant.save()

    page = browser.get(page_of(Payment), {"q": words})

    assert [row.pk for row in page.context["cl"].result_list] == [payment.pk]


def test_a_payment_leads_to_its_order_entries_and_journal(browser):
    payment = PaymentFactory()

    page = browser.get(page_of(Payment, "change", payment.pk)).content.decode()

    assert page_of(Order, "change", payment.order_id) in page
    assert f"/batches/entry/?payment={payment.pk}" in page
    assert f"subject_id={payment.pk}" in page


def test_a_manager_sees_the_payments_of_the_own_properties(browser):
    mine, others = PaymentFactory(), PaymentFactory()
    manager = UserFactory(is_staff=True)
    manager.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    MembershipFactory(user=manager, role=Role.PROPERTY_MANAGER, property=mine.lease.unit.property)

    page = verified(manager).get(page_of(Payment))

    assert [row.pk for row in page.context["cl"].result_list] == [mine.pk]
    assert verified(manager).get(page_of(Payment, "change", others.pk)).status_code == 302


def test_a_held_payment_is_released_with_a_reason(browser, root):
    payment = PaymentFactory()
    hold([payment.pk], kind=CaseKind.HOLD, reason="odd", at=AT)

    (told,) = act(browser, payment, "release", reason="asked the tenant")

    assert "is released" in told
    assert status_of(payment) == PaymentStatus.SCHEDULED
    case = Case.objects.get()
    assert (case.status, case.resolved_by) == (CaseStatus.RESOLVED, root)
    assert case.resolution == "Released: asked the tenant"


def test_a_payment_is_not_cancelled_without_a_reason(browser):
    payment = PaymentFactory()

    (told,) = act(browser, payment, "cancel")

    assert told.startswith("reason:")
    assert status_of(payment) == PaymentStatus.SCHEDULED


def test_who_may_only_look_has_no_actions():
    auditor = UserFactory(is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    MembershipFactory(user=auditor, role=Role.AUDITOR)
    payment = PaymentFactory()

    act(verified(auditor), payment, "cancel", reason="because")

    assert status_of(payment) == PaymentStatus.SCHEDULED
