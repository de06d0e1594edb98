"""A tenant on a phone whose finger, browser, session or timing is unlucky: nothing is paid twice."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect

from housing_ach.clock import services as clock
from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Order
from housing_ach.payments.states import PaymentStatus
from tests.batches.town import AFTERNOON, Town
from tests.browser.conftest import Site
from tests.factories import AT
from tests.portal.payers import Payer, home, payer, signed_in
from tests.portal.signing_in import PASSWORD

THANKS = "Thank you. Your payment is planned"


@pytest.fixture
def ada(site: Site, context: BrowserContext) -> Payer:
    """Somebody who owes a month's rent."""
    ada = payer()
    ada.owe(1475_00)
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    site.sign_in(context, ada.tenant.user)
    return ada


def sign(site: Site, phone: Page) -> None:
    """All but the last button."""
    phone.goto(f"{site.url}/pay/")
    phone.get_by_role("button", name="Look at the payment").click()
    phone.get_by_label("Your full name").fill("Ada Lovelace")
    phone.get_by_role("checkbox").check()


def confirm(phone: Page) -> None:
    phone.get_by_role("button", name="Pay $1,475.00").click()


def says(phone: Page, heading: str) -> None:
    expect(phone.get_by_role("heading", level=1)).to_have_text(heading)


def sign_in_again(phone: Page, ada: Payer) -> None:
    says(phone, "Sign in")
    phone.get_by_label("Email").fill(ada.tenant.user.email)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Continue").click()


def test_a_double_click_pays_once(site, phone, ada):
    sign(site, phone)
    phone.get_by_role("button", name="Pay $1,475.00").dblclick()

    says(phone, THANKS)
    assert (Order.objects.count(), Mandate.objects.count()) == (1, 1)


def test_going_back_and_paying_again_says_that_it_happened(site, phone, ada):
    sign(site, phone)
    confirm(phone)
    says(phone, THANKS)

    phone.go_back()
    says(phone, "Look at your payment")
    confirm(phone)

    expect(phone.get_by_text("You asked for this payment already.")).to_be_visible()
    expect(phone.get_by_role("main")).to_contain_text("Nothing is paid twice.")
    assert (Order.objects.count(), Mandate.objects.count()) == (1, 1)


def test_a_session_that_ends_before_the_last_button_pays_nothing_and_says_so(site, phone, ada):
    sign(site, phone)
    Session.objects.all().delete()
    confirm(phone)

    sign_in_again(phone, ada)
    says(phone, "Look at your payment")
    expect(phone.get_by_label("Your full name")).to_have_value("Ada Lovelace")
    expect(phone.get_by_role("checkbox")).not_to_be_checked()
    assert not Order.objects.exists()
    phone.get_by_role("checkbox").check()
    confirm(phone)
    says(phone, THANKS)
    assert Order.objects.count() == 1


def test_a_payment_frozen_meanwhile_is_not_canceled_and_the_page_says_why(site, context, phone):
    town = house_of_one()
    payment = town.debit()
    tenant = payment.tenant
    signed_in(tenant)
    site.sign_in(context, tenant.user)
    phone.goto(f"{site.url}/payments/{payment.order_id}/")
    phone.get_by_role("button", name="Cancel this payment").click()

    town.frozen()
    clock.advance(AFTERNOON)
    phone.get_by_role("dialog").get_by_role("button", name="Cancel the payment").click()

    told = phone.get_by_role("alert")
    expect(told).to_contain_text("It is too late to cancel this payment")
    expect(phone.get_by_role("button", name="Cancel this payment")).to_have_count(0)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.BATCHED


def house_of_one() -> Town:
    clock.start(AT)
    house = home()
    return Town(None, house.operating_fund.company.profile.windows.get(), house)
