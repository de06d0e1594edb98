"""A tenant with a phone in the hand."""

import re

from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.states import PaymentStatus
from tests.browser.conftest import Site
from tests.portal.payers import Payer, payer
from tests.portal.signing_in import PASSWORD


def at_home(site: Site, context: BrowserContext) -> Payer:
    """Somebody who owes a month's rent."""
    ada = payer()
    ada.owe(1475_00)
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    site.sign_in(context, ada.tenant.user)
    return ada


def pay(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/pay/")
    phone.get_by_role("button", name="Look at the payment").click()
    phone.get_by_label("Your full name").fill("Ada Lovelace")
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Pay $1,475.00").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you. Your payment is planned")


def test_a_tenant_pays_now_and_stops_it_again(site, context, phone):
    at_home(site, context)

    pay(site, phone)
    phone.get_by_role("link", name="See the payment").click()
    phone.get_by_role("button", name=re.compile("Cancel")).first.click()
    confirm = phone.get_by_role("dialog")
    confirm.get_by_role("button").first.click()

    expect(phone.get_by_text("No money leaves your account.")).to_be_visible()
    assert Payment.objects.get().status == PaymentStatus.CANCELLED


def test_an_impatient_finger_pays_once(site, context, phone):
    at_home(site, context)

    phone.goto(f"{site.url}/pay/")
    phone.get_by_role("button", name="Look at the payment").click()
    phone.get_by_label("Your full name").fill("Ada Lovelace")
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Pay $1,475.00").dblclick()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you. Your payment is planned")
    assert (Order.objects.count(), Mandate.objects.count()) == (1, 1)


def test_what_was_typed_outlives_a_session(site, context, phone):
    """It ends while the form is open: signed in anew, the tenant finds the form as it was."""
    ada = at_home(site, context)
    phone.goto(f"{site.url}/pay/")
    phone.get_by_role("radio", name="Another amount").check()
    phone.get_by_role("textbox", name="Other amount").fill("321.00")

    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.get_by_role("button", name="Look at the payment").click()
    phone.get_by_label("Email").fill(ada.tenant.user.email)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Continue").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Pay now")
    expect(phone.get_by_role("textbox", name="Other amount")).to_have_value("321.00")
