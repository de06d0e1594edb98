import re
import time

from playwright.sync_api import Page, expect

from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role
from housing_ach.users import services

PASSWORD = "a long enough password"
EMAIL = "grace@example.org"


def test_a_member_of_staff_signs_in_and_out(site, page: Page):
    give_role(services.create_staff(email=EMAIL, name="Grace", password=PASSWORD), Role.AUDITOR)

    page.goto(f"{site.url}/desk/status/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Token").fill(services.current_code(email=EMAIL, unix_time=time.time()))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("System status")
    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(re.compile("/account/login/"))
