import re
from datetime import date

import pytest

from housing_ach.mandates.models import Mandate
from housing_ach.payments.models import Limit, Order, Payment
from housing_ach.payments.states import Direction
from housing_ach.tenants.models import Property
from housing_ach.tenants.services import set_policy
from housing_ach.tenants.states import ChargeKind, PartialRule, Role, Rollout
from tests.factories import (
    AT,
    BankAccountFactory,
    MandateFactory,
    MembershipFactory,
    PaymentFactory,
)
from tests.payments.test_parallel import together
from tests.portal.payers import TODAY, payer

SIGNED = {"signed_name": "Ada Lovelace", "agrees": "on"}


@pytest.fixture
def ada(db):
    ada = payer()
    ada.owe(1000_00)
    return ada


def chosen(ada, **changed):
    form = {
        "lease": ada.lease.pk,
        "how": "ALL",
        "amount": "",
        "account": ada.account.pk,
        "on": "2026-03-02",
    }
    return form | changed


def review(ada, **changed):
    return ada.client.post("/pay/review/", chosen(ada, **changed), follow=True)


def seen(answer):
    """What the review page sends along."""
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', answer.text)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def confirm(ada, answer, **said):
    return ada.client.post("/pay/confirm/", seen(answer) | said)


def test_the_review_shows_every_debit_and_takes_nothing(ada):
    ada.owe(500_00, kind=ChargeKind.DEPOSIT)

    answer = review(ada)

    assert "Debit 1 of 2: Rent" in answer.text
    assert "Debit 2 of 2: Security deposit" in answer.text
    assert "$1,500.00" in answer.text
    assert (Order.objects.count(), Mandate.objects.count()) == (0, 0)


def test_a_payment_with_its_own_permission_is_made(ada):
    answer = confirm(ada, review(ada), **SIGNED)

    payment = Payment.objects.select_related("mandate").get()
    assert answer.url == f"/pay/{payment.order_id}/"
    assert (payment.cents, payment.effective_on) == (1000_00, date(2026, 3, 3))
    assert (payment.mandate.recurring, payment.mandate.max_cents) == (False, 1000_00)
    assert (payment.mandate.signed_name, payment.mandate.signed_ip) == ("Ada Lovelace", "127.0.0.1")
    assert "Thank you" in ada.client.get(answer.url).text


def test_a_permission_in_force_is_not_asked_for_again(ada):
    mandate = MandateFactory(lease=ada.lease, bank_account=ada.account)

    answer = review(ada)
    confirm(ada, answer)

    assert "signed_name" not in answer.text
    assert Payment.objects.get().mandate == mandate


def test_without_a_signature_the_summary_leads_to_it(ada):
    answer = confirm(ada, review(ada))

    assert answer.status_code == 422
    assert 'href="#id_signed_name"' in answer.text
    assert 'href="#id_agrees"' in answer.text
    assert not Order.objects.exists()


def test_the_review_asked_for_again_after_the_payment_leads_to_it(ada):
    page = review(ada)
    confirm(ada, page, **SIGNED)

    answer = ada.client.get(page.redirect_chain[-1][0])

    assert answer.url == f"/payments/{Order.objects.get().pk}/"


@pytest.mark.parametrize("query", ["", "?token=%00", "?token=abc&how=ALL"])
def test_a_review_of_nothing_is_the_page_before(ada, query):
    assert ada.client.get(f"/pay/confirm/{query}", follow=True).context["form"].accounts


def test_what_was_reviewed_outlives_a_refusal(ada):
    first = review(ada)
    refused = confirm(ada, first, signed_name="Ada Lovelace")
    answer = confirm(ada, refused, **SIGNED)

    assert seen(refused)["token"] == seen(first)["token"]
    assert answer.status_code == 302


def test_a_form_sent_twice_makes_one_order(ada):
    shown = review(ada)

    first, second = (confirm(ada, shown, **SIGNED) for _ in range(2))
    told = ada.client.get(second.url).text

    order = Order.objects.get()
    assert (first.url, second.url) == (f"/pay/{order.pk}/", f"/payments/{order.pk}/")
    assert "Nothing is paid twice." in told
    assert (Order.objects.count(), Mandate.objects.count()) == (1, 1)


def test_a_form_sent_twice_at_the_same_moment_makes_one_order(committed_db):
    ada = payer()
    ada.owe(1000_00)
    form = seen(review(ada)) | SIGNED
    answers = []

    together(*[lambda: answers.append(ada.client.post("/pay/confirm/", form).status_code)] * 2)

    assert answers == [302, 302]
    assert (Order.objects.count(), Mandate.objects.count()) == (1, 1)


def test_the_same_again_within_a_day_is_shown_and_asked_about(ada):
    confirm(ada, review(ada, how="OTHER", amount="400"), **SIGNED)

    again = review(ada, how="OTHER", amount="400")
    refused = confirm(ada, again, **SIGNED)
    made = confirm(ada, again, insists="on", **SIGNED)

    assert f"/payments/{Order.objects.earliest('pk').pk}/" in again.text
    assert "Are you paying twice?" in again.text
    assert refused.status_code == 422
    assert made.status_code == 302
    assert Order.objects.count() == 2


def test_a_payment_on_its_way_for_all_of_it_is_asked_about(ada):
    confirm(ada, review(ada), **SIGNED)

    page = ada.client.get("/pay/")
    again = review(ada, how="OTHER", amount="300")

    assert "A payment is on its way already" in page.text
    assert "Are you paying twice?" in again.text


def deny(ada, **policy):
    by = MembershipFactory(role=Role.ADMIN).user
    set_policy(by=by, at=AT, property=ada.lease.unit.property, **policy)


def test_where_parts_are_not_taken_only_the_whole_is_offered(ada):
    deny(ada, partial=PartialRule.DENY)

    page = ada.client.get("/pay/")
    refused = review(ada, how="OTHER", amount="400")

    assert 'name="amount"' not in page.text
    assert refused.status_code == 422
    assert not Order.objects.exists()


def test_a_part_that_was_confirmed_is_refused_where_the_policy_changed(ada):
    shown = review(ada, how="OTHER", amount="400")
    deny(ada, partial=PartialRule.DENY)

    answer = confirm(ada, shown, **SIGNED)

    assert answer.status_code == 422
    assert "takes a larger part" in answer.text
    assert not Order.objects.exists()


def test_less_than_the_least_is_refused_with_the_least(ada):
    deny(ada, partial=PartialRule.MIN_PERCENT, partial_bps=2500)

    answer = review(ada, how="OTHER", amount="249.99")

    assert answer.status_code == 422
    assert "from $250.00 to $1,000.00" in answer.text
    assert 'href="#id_amount"' in answer.text


@pytest.mark.parametrize("amount", ["", "ten", "1000.01", "0", "-5"])
def test_an_amount_that_cannot_be_paid_is_refused_and_kept(ada, amount):
    answer = review(ada, how="OTHER", amount=amount)

    assert answer.status_code == 422
    assert f'value="{amount}"' in answer.text or not amount


def test_what_is_due_by_today_can_be_paid_alone(ada):
    ada.owe(300_00, due_on=date(2026, 3, 20))

    confirm(ada, review(ada, how="DUE"), **SIGNED)

    assert Order.objects.get().cents == 1000_00


@pytest.mark.parametrize("on", ["2026-03-01", "2026-05-02", "soon"])
def test_a_day_that_has_passed_or_is_far_off_is_refused(ada, on):
    answer = review(ada, on=on)

    assert answer.status_code == 422
    assert 'href="#id_on"' in answer.text


def test_a_day_banks_are_closed_is_shown_as_the_next(ada):
    answer = review(ada, on="2026-03-07")

    assert "March 9, 2026" in answer.text


def test_more_than_can_be_taken_online_is_said(ada):
    company = ada.lease.unit.property.operating_fund.company
    Limit.objects.create(company=company, direction=Direction.DEBIT, per_payment_cents=500_00)

    answer = review(ada)

    assert answer.status_code == 422
    assert "more than can be paid online" in answer.text


def test_only_verified_accounts_of_ones_own_are_offered(ada):
    others = [BankAccountFactory(), BankAccountFactory(tenant=ada.tenant, unverified=True)]

    answers = [review(ada, account=account.pk).status_code for account in others]

    assert answers == [422, 422]


def test_an_account_of_somebody_else_is_not_there(ada):
    form = seen(review(ada)) | SIGNED | {"account": BankAccountFactory().pk}

    assert ada.client.post("/pay/confirm/", form).status_code == 404
    assert not Order.objects.exists()


def test_a_lease_of_somebody_else_is_not_there(ada):
    other = PaymentFactory().lease

    assert ada.client.get(f"/pay/?lease={other.pk}").status_code == 404
    assert review(ada, lease=other.pk).status_code == 404


def test_without_a_debt_there_is_nothing_to_choose(db):
    answer = payer().client.get("/pay/")

    assert "You owe nothing now" in answer.text
    assert '<form method="post" action="/pay/review/"' not in answer.text


def test_a_home_that_is_not_live_takes_nothing(ada):
    Property.objects.update(rollout=Rollout.SHADOW)

    page, refused = ada.client.get("/pay/"), review(ada)

    assert "not open for your home yet" in page.text
    assert refused.status_code == 422


def test_the_page_before_is_filled_in_again(ada):
    answer = ada.client.get("/pay/", {"amount": "250.00", "on": TODAY.isoformat()})

    assert 'value="250.00"' in answer.text
