"""One clerk builds a batch, another one approves it with a fresh code."""

import re
import time
from datetime import time as clock_time

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from housing_ach.batches.models import Batch
from housing_ach.batches.services import build
from housing_ach.batches.states import BatchStatus
from housing_ach.clock import services as clock
from housing_ach.desk.roles import give_role
from housing_ach.shared.business_days import new_york_at
from housing_ach.tenants.states import Role
from housing_ach.users.services import current_code
from tests.batches.town import MONDAY, NOON, Town
from tests.factories import UserFactory
from tests.portal.payers import home


@pytest.fixture
def batch(site) -> Batch:
    """Built on Monday by a clerk, in time for the afternoon's file."""
    clock.start(new_york_at(MONDAY, clock_time(9)))
    house = home()
    window = house.operating_fund.company.profile.windows.get()
    town = Town(None, window, house)
    town.debit()
    (made,) = build(window=window, on=MONDAY, at=NOON, by=clerk("maker@example.org"))
    return made


def clerk(email: str, role: Role = Role.FINANCE):
    user = UserFactory(email=email, is_staff=True)
    give_role(user, role)
    return user


def test_whoever_built_it_is_not_offered_to_approve(site, context, page: Page, batch):
    site.sign_in(context, batch.made_by)

    page.goto(f"{site.url}/desk/batches/{batch.pk}/")

    expect(page.get_by_text("somebody else has to approve it")).to_be_visible()
    expect(page.get_by_role("link", name="Review and approve")).to_have_count(0)


def test_another_clerk_approves_it_with_a_fresh_code(site, context, page: Page, batch):
    checker = clerk("checker@example.org")
    site.sign_in(context, checker)

    page.goto(f"{site.url}/desk/batches/{batch.pk}/")
    page.get_by_role("link", name="Review and approve").click()
    code = page.get_by_label("Code from your authenticator")
    code.fill("000000")
    page.get_by_role("button", name="Approve $1,000.00").click()
    expect(page.get_by_role("alert")).to_contain_text("That code is not right")
    assert Batch.objects.get().status == BatchStatus.DRAFT
    # A wrong code makes the next one wait: that time is over.
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    code.fill(current_code(email=checker.email, unix_time=time.time()))
    page.get_by_role("button", name="Approve $1,000.00").click()

    expect(page).to_have_url(re.compile(rf"/desk/batches/{batch.pk}/$"))
    approved = Batch.objects.get()
    assert (approved.status, approved.approved_by) == (BatchStatus.APPROVED, checker)


def test_an_auditor_sees_the_batch_and_no_way_to_change_it(site, context, page: Page, batch):
    site.sign_in(context, clerk("auditor@example.org", Role.AUDITOR))

    page.goto(f"{site.url}/desk/batches/{batch.pk}/")

    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_contain_text(str(batch.pk))
    expect(main.locator("form[method=post]")).to_have_count(1)
    expect(main.get_by_role("button", name="Report (PDF)")).to_be_visible()
