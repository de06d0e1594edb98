"""Autopay on a phone: set up, verified by two deposits, and one month left out."""

from datetime import time

import pytest
from playwright.sync_api import Page, expect

from housing_ach.clock import services as clock
from housing_ach.mandates.models import Autopay, AutopayPause, BankAccount
from housing_ach.mandates.states import MandateStatus, VerificationStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import follow_micro_deposits
from housing_ach.shared.business_days import new_york_at
from tests.batches.town import TUESDAY, WEDNESDAY, Town, morning
from tests.browser.conftest import Site
from tests.payouts.story import amounts, wrong
from tests.portal.payers import Payer, payer
from tests.portal.signing_in import PASSWORD
from tests.returns.post import publish, settle

NUMBER = "880055512349"


@pytest.fixture
def ada(site: Site) -> Payer:
    """She owes a month's rent, has a password, and autopay is not set up."""
    ada = payer()
    ada.owe(1000_00)
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    return ada


def sign_in(site: Site, phone: Page, ada: Payer) -> None:
    phone.goto(site.url)
    phone.get_by_label("Email").fill(ada.tenant.user.email)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Continue").click()


def choose_amount(phone: Page) -> None:
    phone.get_by_role("link", name="Set up autopay").click()
    phone.get_by_role("radio", name="The full balance All").check()
    phone.get_by_label("The most you expect in one month").fill("1,500.00")
    phone.get_by_role("button", name="Continue to bank account").click()


def add_account(phone: Page) -> None:
    phone.get_by_role("radio", name="Another account, which I add now").check()
    phone.get_by_role("radio", name="Checking", exact=True).check()
    phone.get_by_label("Name on the account").fill("Ada Lovelace")
    phone.get_by_label("Routing number").fill("111000025")
    phone.get_by_label("Account number", exact=True).fill(NUMBER)
    phone.get_by_label("Account number again").fill(NUMBER)
    phone.get_by_role("radio", name="Two small deposits").check()
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Continue to schedule").click()


def choose_day(phone: Page) -> None:
    dates = phone.get_by_role("region", name="Your next twelve payments")
    phone.get_by_label("On which day of the month?").select_option("7")
    expect(dates).to_contain_text("March 9, 2026")
    phone.get_by_role("button", name="Continue to review").click()


def sign(phone: Page) -> None:
    expect(phone.get_by_role("main")).to_contain_text("From $0.01 to $1,500.00")
    phone.get_by_label("Your full name").fill("Ada Lovelace")
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Sign").click()


def deposits_arrive(ada: Payer) -> MicroDeposits:
    """In the file of Monday; the bank reports them settled on Tuesday."""
    home = ada.lease.unit.property
    town = Town(None, home.operating_fund.company.profile.windows.get(), home)
    file = publish(town.frozen())
    follow_micro_deposits(at=morning(TUESDAY))
    settle(town, file)
    follow_micro_deposits(at=morning(TUESDAY))
    clock.advance(new_york_at(WEDNESDAY, time(10)))
    return MicroDeposits.objects.get()


def tell(phone: Page, cents: tuple[int, int]) -> None:
    for label, amount in zip(("One of the deposits", "The other deposit"), cents, strict=True):
        phone.get_by_label(label).fill(f"0.{amount:02}")
    phone.get_by_role("button", name="Check the amounts").click()


def test_a_tenant_sets_autopay_up_verifies_and_skips_a_month(site, phone, ada):
    sign_in(site, phone, ada)
    choose_amount(phone)
    add_account(phone)
    choose_day(phone)
    sign(phone)
    heading = phone.get_by_role("heading", level=1)
    expect(heading).to_have_text("Almost done: we check your account")
    phone.get_by_role("link", name="See how it stands").click()
    expect(phone.get_by_role("main")).to_contain_text("We expect them in your account on")
    plan = Autopay.objects.select_related("mandate").get()
    assert plan.mandate.status == MandateStatus.PENDING_VERIFICATION

    deposits = deposits_arrive(ada)
    phone.goto(site.url)
    phone.get_by_role("link", name="Enter the amounts").click()
    tell(phone, wrong(deposits))
    expect(phone.get_by_role("alert")).to_contain_text("You have 2 more tries.")
    tell(phone, amounts(deposits))
    expect(phone.get_by_text("Thank you. The account is verified.")).to_be_visible()
    plan.mandate.refresh_from_db()
    assert plan.mandate.status == MandateStatus.ACTIVE
    account = BankAccount.objects.get(pk=plan.mandate.bank_account_id)
    assert (account.verification, account.last_four) == (VerificationStatus.VERIFIED, "2349")

    phone.get_by_role("link", name="See your autopay").click()
    phone.get_by_role("link", name="Skip next payment").click()
    phone.get_by_role("button", name="Skip this payment").click()
    days = phone.get_by_role("table", name="The next twelve payments")
    expect(days.get_by_role("row").filter(has_text="Skipped")).to_have_count(1)
    expect(days.get_by_role("row").filter(has_text="Skipped")).to_contain_text("March 9, 2026")
    assert AutopayPause.objects.count() == 1
