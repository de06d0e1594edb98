"""Setting autopay up, step by step, as a tenant without a browser."""

import logging
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from housing_ach.clock import services as clock
from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.states import MandateStatus, VerificationStatus
from housing_ach.payments.models import Order
from housing_ach.payments.states import OrderKind
from housing_ach.payouts.models import MicroDeposits
from housing_ach.tenants.models import LeaseShare
from housing_ach.tenants.services import set_policy
from housing_ach.tenants.states import Rollout, VerificationOffer
from tests.factories import AutopayFactory, BankAccountFactory, LeaseFactory, UserFactory
from tests.payments.test_parallel import together
from tests.portal.payers import payer, signed_in
from tests.portal.signing_in import PASSWORD

NUMBER = "880055512349"
NEW = {
    "account": "NEW",
    "account_type": "CHECKING",
    "holder_name": "Ada Lovelace",
    "routing": "111000025",
    "account_number": NUMBER,
    "account_number_again": NUMBER,
    "verify_by": "MICRO",
    "password": PASSWORD,
}
FULL = {"mode": "FULL_BALANCE", "most": "1,500.00"}
SIGNED = {"signed_name": "Ada Lovelace", "agrees": "on"}


@pytest.fixture
def ada(db):
    ada = payer()
    ada.owe(1000_00)
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    ada.client.force_login(ada.tenant.user)
    return ada


def to(ada, step, **form):
    return ada.client.post(f"/autopay/set-up/{step}/", form | {"lease": ada.lease.pk})


def chosen(ada, *, amount=FULL, account=None, day=5):
    """All but the signature."""
    to(ada, "amount", **amount)
    to(ada, "account", **(account or {"account": ada.account.pk}))
    return to(ada, "schedule", day_of_month=day, roll="FORWARD")


def test_autopay_is_signed_in_four_steps(ada):
    assert to(ada, "amount", **FULL).url.startswith("/autopay/set-up/account/")
    assert to(ada, "account", account=ada.account.pk).url.startswith("/autopay/set-up/schedule/")
    assert chosen(ada).url.startswith("/autopay/set-up/review/")

    answer = to(ada, "review", **SIGNED)

    plan = Autopay.objects.select_related("mandate").get()
    mandate = plan.mandate
    assert answer.url == f"/autopay/{plan.pk}/done/"
    assert (plan.mode, plan.day_of_month, plan.starts_on) == ("FULL_BALANCE", 5, date(2026, 3, 5))
    assert (mandate.min_cents, mandate.max_cents, mandate.status) == (1, 1500_00, "ACTIVE")
    assert (mandate.sec_code, mandate.signed_name) == ("WEB", "Ada Lovelace")
    assert (mandate.signed_ip, mandate.signed_user_agent) == ("127.0.0.1", "not told")
    assert f"/authorizations/{mandate.pk}.pdf" in ada.client.get(answer.url).text


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ({"mode": "FIXED", "fixed": "900", "allow_prepay": "on"}, ("FIXED", 900_00, None, True)),
        ({"mode": "CAPPED", "cap": "800.50"}, ("CAPPED", 800_50, None, False)),
        ({"mode": "PERCENT", "percent": "33.5", "most": "600"}, ("PERCENT", None, 3350, False)),
        ({"mode": "RECURRING_ONLY", "most": "1200"}, ("RECURRING_ONLY", None, None, False)),
    ],
)
def test_each_way_of_choosing_an_amount_is_kept(ada, amount, kept):
    chosen(ada, amount=amount)

    to(ada, "review", **SIGNED)

    plan = Autopay.objects.get()
    assert (plan.mode, plan.cents, plan.basis_points, plan.allow_prepay) == kept


def test_the_review_shows_amount_dates_range_and_how_to_stop(ada):
    chosen(ada, day=7)

    page = ada.client.get("/autopay/set-up/review/").text

    assert "$1,000.00" in page
    assert "March 9, 2026" in page
    assert "moved: weekend" in page
    assert "From $0.01 to $1,500.00" in page
    assert "ALDER HOUSING" in page
    assert "Authorization for electronic debits" in page
    assert "three business days" in page
    assert 'name="agrees" checked' not in page
    assert (Autopay.objects.count(), Mandate.objects.count()) == (0, 0)


def test_the_dates_follow_the_day_that_is_chosen(ada):
    to(ada, "amount", **FULL)
    to(ada, "account", account=ada.account.pk)

    page = ada.client.get("/autopay/set-up/schedule/?day_of_month=31&roll=BACKWARD").text

    assert "May 29, 2026" in page
    assert page.count("moved:") == 4


def test_a_new_account_is_sealed_and_waits_for_two_deposits(ada):
    chosen(ada, account=NEW)

    answer = to(ada, "review", **SIGNED)

    account = BankAccount.objects.exclude(pk=ada.account.pk).get()
    assert (account.last_four, account.verification) == ("2349", VerificationStatus.PENDING)
    assert MicroDeposits.objects.get().bank_account == account
    assert Mandate.objects.get().status == MandateStatus.PENDING_VERIFICATION
    assert "we check your account" in ada.client.get(answer.url).text


def test_a_prenote_goes_where_the_payer_chose_it(ada):
    chosen(ada, account=NEW | {"verify_by": "PRENOTE"})

    to(ada, "review", **SIGNED)

    assert Order.objects.get().kind == OrderKind.PRENOTE
    assert not MicroDeposits.objects.exists()


def test_the_only_way_offered_need_not_be_chosen(ada):
    set_policy(
        property=ada.lease.unit.property,
        by=UserFactory(admin=True),
        at=clock.now(),
        verification=[VerificationOffer.PRENOTE],
    )

    chosen(ada, account=NEW | {"verify_by": ""})
    to(ada, "review", **SIGNED)

    assert Order.objects.get().kind == OrderKind.PRENOTE


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"routing": "111000026"}, "routing", "That routing number is not valid"),
        ({"routing": "12345"}, "routing", "That routing number is not valid"),
        ({"account_number_again": "880055512340"}, "account_number_again", "are not the same"),
        (
            {"account_number": "12", "account_number_again": "12"},
            "account_number",
            "An account number has 4 to 17 digits",
        ),
        (
            {"account_number": "111000025", "account_number_again": "111000025"},
            "account_number",
            "This is the routing number",
        ),
        ({"holder_name": ""}, "holder_name", "required"),
        ({"password": "not it"}, "password", "not your password"),
        ({"verify_by": ""}, "verify_by", "Choose how we may check"),
    ],
)
def test_a_wrong_account_is_told_at_its_field(ada, wrong, field, said):
    to(ada, "amount", **FULL)

    answer = to(ada, "account", **NEW | wrong)

    assert answer.status_code == 422
    assert f'href="#id_{field}' in answer.text
    assert said in answer.text
    assert not BankAccount.objects.exclude(pk=ada.account.pk).exists()


def test_the_password_is_asked_for_once(ada):
    to(ada, "amount", **FULL)
    to(ada, "account", **NEW | {"routing": "111000026"})

    answer = to(ada, "account", **NEW | {"password": ""})

    assert answer.status_code == 302


def test_spaces_and_hyphens_are_how_people_write_numbers(ada):
    to(ada, "amount", **FULL)

    answer = to(
        ada, "account", **NEW | {"routing": "1110-0002 5", "account_number": "8800 5551 2349"}
    )

    assert answer.status_code == 302


def test_no_page_session_or_log_holds_the_account_number(ada, caplog):
    caplog.set_level(logging.DEBUG)
    to(ada, "amount", **FULL)
    pages = [to(ada, "account", **NEW | {"routing": "111000026"})]
    pages.append(to(ada, "account", **NEW))
    to(ada, "schedule", day_of_month=5, roll="FORWARD")
    pages.append(ada.client.get("/autopay/set-up/review/"))
    answer = to(ada, "review", **SIGNED)
    pages += [ada.client.get(path) for path in (answer.url, "/autopay/", "/account/banks/")]

    assert not [page for page in pages if NUMBER in page.text]
    assert not [row for row in Session.objects.all() if NUMBER in str(row.get_decoded())]
    assert NUMBER not in str(dict(ada.client.session))
    assert NUMBER not in caplog.text


def test_a_form_sent_twice_adds_one_account(ada):
    to(ada, "amount", **FULL)

    answers = [to(ada, "account", **NEW).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert BankAccount.objects.count() == 2


def test_an_account_that_is_there_is_to_be_chosen(ada):
    to(ada, "amount", **FULL)
    to(ada, "account", **NEW)

    answer = to(ada, "account", **NEW | {"account_type": "SAVINGS"})

    assert answer.status_code == 422
    assert "You have added this account already" in answer.text


def test_without_a_signature_nothing_is_signed(ada):
    chosen(ada)

    answer = to(ada, "review", signed_name="Ada Lovelace")

    assert answer.status_code == 422
    assert 'href="#id_agrees"' in answer.text
    assert 'value="Ada Lovelace"' in answer.text
    assert not Mandate.objects.exists()


def test_a_signature_sent_twice_makes_one_plan(ada):
    chosen(ada)

    urls = [to(ada, "review", **SIGNED).url for _ in range(2)]

    assert urls[0] == urls[1]
    assert (Autopay.objects.count(), Mandate.objects.count()) == (1, 1)


def test_a_signature_sent_twice_at_the_same_moment_makes_one_plan(committed_db):
    ada = payer()
    ada.owe(1000_00)
    chosen(ada)
    urls = []

    together(*(lambda: urls.append(to(ada, "review", **SIGNED).url) for _ in range(2)))

    assert urls[0] == urls[1]
    assert (Autopay.objects.count(), Mandate.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "mode"),
        ({"mode": "FIXED", "fixed": "much"}, "fixed"),
        ({"mode": "CAPPED", "cap": "0"}, "cap"),
        ({"mode": "PERCENT", "most": "500"}, "percent"),
        ({"mode": "PERCENT", "percent": "101", "most": "500"}, "percent"),
        ({"mode": "FULL_BALANCE", "most": ""}, "most"),
        ({"mode": "FULL_BALANCE", "most": "999999999999999"}, "most"),
    ],
)
def test_an_amount_that_is_none_is_told_at_its_field(ada, wrong, field):
    answer = to(ada, "amount", **wrong)

    assert answer.status_code == 422
    assert f'href="#id_{field}' in answer.text


def test_a_step_without_those_before_it_leads_back(ada):
    answer = ada.client.get("/autopay/set-up/review/", follow=True)

    assert answer.redirect_chain[0][0].startswith("/autopay/set-up/amount/")
    assert "This step comes first" in answer.text


def test_another_tenants_account_is_none_to_choose(ada):
    to(ada, "amount", **FULL)

    answer = to(ada, "account", account=BankAccountFactory().pk)

    assert answer.status_code == 422
    assert not Autopay.objects.exists()


def test_another_tenants_lease_is_not_found(ada):
    other = LeaseFactory()

    assert ada.client.get(f"/autopay/set-up/amount/?lease={other.pk}").status_code == 404


def test_who_has_autopay_changes_it_instead(ada):
    AutopayFactory(mandate__lease=ada.lease, mandate__bank_account=ada.account)

    answer = ada.client.get("/autopay/set-up/amount/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/autopay/?lease=")
    assert "Autopay is on for this home already" in answer.text


def test_nothing_is_set_up_before_the_home_is_live(ada):
    home = ada.lease.unit.property
    home.rollout = Rollout.SHADOW
    home.save()

    answer = ada.client.get("/autopay/set-up/amount/", follow=True)

    assert "not open for your home yet" in answer.text


def test_an_account_closed_meanwhile_is_told_at_the_end(ada):
    chosen(ada)
    ada.account.status = "BLOCKED"
    ada.account.save()

    answer = to(ada, "review", **SIGNED)

    assert answer.status_code == 422
    assert "Choose another one" in answer.text
    assert "Your choices are kept" in answer.text


def test_staff_are_no_tenants(ada):
    client = Client()
    client.force_login(UserFactory(is_staff=True))

    assert client.get("/autopay/").status_code in {302, 403}


def test_a_roommate_has_a_plan_of_his_own(ada):
    chosen(ada)
    to(ada, "review", **SIGNED)
    bob = LeaseFactory().shares.get().tenant
    LeaseShare.objects.create(lease=ada.lease, tenant=bob, weight=1, starts_on=date(2026, 1, 1))

    page = signed_in(bob).get(f"/autopay/?lease={ada.lease.pk}").text

    assert "Set up autopay" in page
    assert "6789" not in page
