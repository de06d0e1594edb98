"""A payment made on a phone comes back: what the tenant is told, and the way out."""

from datetime import date, time

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from housing_ach.audit.move import move
from housing_ach.batches.services import approve, build, freeze
from housing_ach.batches.services.post import post_sent
from housing_ach.batches.states import FileStatus
from housing_ach.clock import services as clock
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import add_bank_account, mark_verified
from housing_ach.mandates.states import AccountType, VerificationMethod
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import follow_micro_deposits
from housing_ach.shared.business_days import new_york_at
from housing_ach.tenants.models import Tenant
from housing_ach.users.services import system_user
from tests.batches.town import MONDAY, THURSDAY, TUESDAY, Town, morning
from tests.browser.conftest import Site
from tests.factories import AT, LeaseFactory, primary_tenant
from tests.payments.story import owe
from tests.payouts.story import amounts
from tests.portal.payers import home, signed_in
from tests.portal.signing_in import PASSWORD
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, settle

FRIDAY = date(2026, 3, 6)
RETRY_SENT, RETRY_ON = date(2026, 3, 9), date(2026, 3, 10)


@pytest.fixture
def town(site: Site, context: BrowserContext) -> Town:
    """Its one tenant owes a month's rent and is signed in."""
    clock.start(AT)
    house = home()
    lease = LeaseFactory(unit__property=house)
    tenant = primary_tenant(lease)
    signed_in(tenant)
    tenant.user.set_password(PASSWORD)
    tenant.user.save()
    owe(lease, 1475_00)
    verified_account(tenant)
    site.sign_in(context, tenant.user)
    return Town(None, house.operating_fund.company.profile.windows.get(), house)


def verified_account(tenant: Tenant) -> None:
    account = add_bank_account(
        tenant=tenant,
        holder_name=tenant.name,
        routing="111000025",
        account_number="9900006789",
        account_type=AccountType.CHECKING,
        at=AT,
    )
    mark_verified(account, method=VerificationMethod.SERVICE, on=MONDAY)


def file_of(town: Town, on: date, *, settles_on: date) -> None:
    """What waits is built, approved, frozen and sent; the bank reports that it settled."""
    noon, afternoon = new_york_at(on, time(12)), new_york_at(on, time(15, 10))
    for batch in build(window=town.window, on=on, at=noon, by=system_user()):
        approve(batch, by=town.clerk, at=noon)
    file = freeze(window=town.window, on=on, at=afternoon)
    move(file, FileStatus.UPLOADING)
    move(file, FileStatus.PUBLISHING)
    post_sent(file, at=afternoon)
    follow_micro_deposits(at=afternoon)
    settle(town, file, on=settles_on)
    follow_micro_deposits(at=morning(settles_on))


def come_back(town: Town, code: str) -> None:
    """Sent on Monday, settled on Tuesday, returned on Thursday."""
    file_of(town, MONDAY, settles_on=TUESDAY)
    deliver(town, about(only_entry(), code))
    clock.advance(morning(THURSDAY))


def pay(phone: Page) -> None:
    phone.get_by_role("button", name="Look at the payment").click()
    phone.get_by_label("Your full name").fill("Ada Lovelace")
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="Pay $1,475.00").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you. Your payment is planned")


def notices(phone: Page) -> Locator:
    return phone.get_by_role("main").locator(".notice")


def add_account(phone: Page) -> None:
    phone.get_by_role("link", name="Use a new account").click()
    phone.get_by_role("link", name="Add an account").click()
    phone.get_by_role("radio", name="Savings").check()
    phone.get_by_label("Routing number").fill("111000025")
    phone.get_by_label("Account number", exact=True).fill("880055512349")
    phone.get_by_label("Account number again").fill("880055512349")
    phone.get_by_role("radio", name="Two small deposits").check()
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Add the account").click()
    expect(phone.get_by_text("The account is added.")).to_be_visible()


def verify(phone: Page, deposits: MicroDeposits) -> None:
    first, second = amounts(deposits)
    phone.get_by_label("One of the deposits").fill(f"0.{first:02}")
    phone.get_by_label("The other deposit").fill(f"0.{second:02}")
    phone.get_by_role("button", name="Check the amounts").click()
    expect(phone.get_by_text("Thank you. The account is verified.")).to_be_visible()


def test_a_retry_names_its_day_and_is_no_notice_once_it_is_paid(site, phone, town):
    phone.goto(f"{site.url}/pay/")
    pay(phone)

    come_back(town, "R01")
    phone.goto(site.url)
    expect(notices(phone)).to_have_count(1)
    expect(notices(phone)).to_contain_text("Your payment of $1,475.00 came back")
    expect(notices(phone)).to_contain_text("there was not enough money in your account")
    expect(notices(phone)).to_contain_text("We will try $1,475.00 once more on March 10, 2026.")
    phone.get_by_role("link", name="See what to do").click()
    main = phone.get_by_role("main")
    expect(main).to_contain_text("$1,475.00 came back on March 5, 2026")
    expect(main).to_contain_text("We will try the same amount again on March 10, 2026.")
    expect(main).to_contain_text("You need not do anything else.")

    file_of(town, RETRY_SENT, settles_on=RETRY_ON)
    clock.advance(morning(RETRY_ON))
    phone.goto(site.url)
    expect(notices(phone)).to_have_count(0)
    expect(phone.get_by_role("region", name="Open charges")).to_contain_text("Nothing is open.")
    payment = Payment.objects.get()
    assert (payment.status, payment.retries) == (PaymentStatus.SETTLED, 1)


def test_a_closed_account_is_replaced_and_the_rent_paid_from_the_new_one(site, phone, town):
    phone.goto(f"{site.url}/pay/")
    pay(phone)

    come_back(town, "R02")
    phone.goto(site.url)
    expect(notices(phone)).to_have_count(1)
    expect(notices(phone)).to_contain_text("Your bank told us that this account is closed.")
    expect(notices(phone)).to_contain_text("Add another bank account and pay from it.")
    phone.get_by_role("link", name="See what to do").click()
    expect(phone.get_by_role("main")).to_contain_text("No other try is planned.")
    add_account(phone)

    file_of(town, THURSDAY, settles_on=FRIDAY)
    clock.advance(morning(FRIDAY))
    deposits = MicroDeposits.objects.select_related("bank_account").get()
    phone.goto(f"{site.url}/account/banks/")
    phone.get_by_role("link", name="Enter the two amounts").click()
    verify(phone, deposits)

    phone.goto(site.url)
    expect(notices(phone)).to_contain_text("came back")
    phone.get_by_role("link", name="See what to do").click()
    phone.get_by_role("link", name="Pay another way").click()
    pay(phone)
    phone.goto(site.url)
    expect(notices(phone)).to_have_count(0)
    again = Payment.objects.select_related("bank_account").order_by("pk").last()
    assert (again.cents, again.bank_account) == (1475_00, BankAccount.objects.last())
    assert again.bank_account == deposits.bank_account
