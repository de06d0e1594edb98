from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housing_ach.payments.states import OrderKind, PaymentStatus
from housing_ach.reports.models import Document
from tests.batches.town import Town
from tests.factories import (
    AT,
    MandateFactory,
    OrderFactory,
    PaymentFactory,
    TenantFactory,
)
from tests.papers import needs_libraries
from tests.payments.story import settle, status_of
from tests.portal.payers import payer, signed_in
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send
from tests.returns.post import settle as settle_file


@pytest.fixture
def ada(db):
    return payer()


def paid(ada, **fields):
    mandate = ada.tenant.mandates.first() or MandateFactory(
        lease=ada.lease, bank_account=ada.account
    )
    return PaymentFactory(mandate=mandate, **fields)


def numbers(answer):
    return [row.record.pk for row in answer.context["table"].paginated_rows]


def test_payments_can_be_chosen_by_year_and_state(ada):
    old = paid(ada, requested_on=date(2025, 3, 3), status=PaymentStatus.CLEARED)
    back = paid(ada, status=PaymentStatus.RETURNED)
    planned = paid(ada)

    assert numbers(ada.client.get("/payments/")) == [planned.pk, back.pk, old.pk]
    assert numbers(ada.client.get("/payments/?year=2025")) == [old.pk]
    assert numbers(ada.client.get("/payments/?status=RETURNED&year=2026")) == [back.pk]
    assert numbers(ada.client.get("/payments/?status=PLANNED")) == [planned.pk]


def test_a_filter_nobody_offers_shows_everything(ada):
    planned = paid(ada)

    assert numbers(ada.client.get("/payments/?year=soon&status=FOO")) == [planned.pk]


def test_more_payments_ask_no_more_questions(ada):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            ada.client.get("/payments/")
        return len(queries)

    for _ in range(2):
        paid(ada)
    few = asked()
    for _ in range(20):
        paid(ada)

    assert asked() == few


def test_the_page_of_a_payment_asks_as_often_for_two_debits(ada):
    def asked(payment):
        with CaptureQueriesContext(connection) as queries:
            ada.client.get(f"/payments/{payment.order_id}/")
        return len(queries)

    one, two = paid(ada), paid(ada)
    deposit = ada.lease.unit.property.deposit_fund
    PaymentFactory(mandate=one.mandate, order=two.order, fund=deposit)

    assert asked(two) == asked(one)


def test_figures_say_what_was_paid_on_time_and_what_is_next(ada):
    ada.owe(1000_00, due_on=date(2026, 3, 1))
    settle(paid(ada, status=PaymentStatus.SCHEDULED))
    ada.owe(400_00, due_on=date(2026, 2, 15))
    figures = ada.client.get("/payments/").context["figures"]

    # Due on a Sunday and debited on Thursday: late; the other is not paid.
    assert figures.paid_cents == 1000_00
    assert (figures.on_time, figures.due) == (0, 2)
    assert (figures.next_on, figures.next_cents) == (date(2026, 2, 15), 400_00)


def test_a_payment_on_the_next_banking_day_is_on_time(ada):
    ada.owe(1000_00, due_on=date(2026, 3, 1))
    settle(paid(ada, requested_on=date(2026, 3, 2)))

    figures = ada.client.get("/payments/").context["figures"]

    assert (figures.on_time, figures.due, figures.rate) == (1, 1, 100)
    assert figures.next_on is None


def test_a_payment_shows_its_four_dates(ada):
    payment = paid(ada, requested_on=date(2026, 3, 5))

    page = ada.client.get(f"/payments/{payment.order_id}/").text

    assert "March 4, 2026, 3 p.m. ET" in page
    assert page.count("March 5, 2026") == 3
    assert "March 10, 2026" in page


@pytest.mark.parametrize("path", ["payments/{}/", "payments/{}/receipt.pdf", "pay/{}/"])
def test_orders_of_others_are_not_there(ada, path):
    other = PaymentFactory().order_id

    assert ada.client.get("/" + path.format(other)).status_code == 404


def test_a_payment_of_somebody_else_cannot_be_canceled(ada):
    other = PaymentFactory()

    answer = ada.client.post(f"/payments/{other.order_id}/cancel/")

    assert answer.status_code == 404
    assert status_of(other) == PaymentStatus.SCHEDULED


def test_what_only_verifies_an_account_is_no_payment_of_ones_own(ada):
    prenote = OrderFactory(lease=ada.lease, kind=OrderKind.PRENOTE)

    assert ada.client.get(f"/payments/{prenote.pk}/").status_code == 404


def test_a_planned_payment_is_canceled(ada):
    payment = paid(ada)

    answer = ada.client.post(f"/payments/{payment.order_id}/cancel/", follow=True)

    assert status_of(payment) == PaymentStatus.CANCELLED
    assert "Canceled. No money leaves your account." in answer.text
    assert "Cancel this payment" not in answer.text


def test_the_address_of_a_refused_cancel_leads_to_the_payment(ada):
    payment = paid(ada)

    answer = ada.client.get(f"/payments/{payment.order_id}/cancel/")

    assert answer.url == f"/payments/{payment.order_id}/"
    assert status_of(payment) == PaymentStatus.SCHEDULED


def town_of(ada):
    return Town(
        None,
        ada.lease.unit.property.operating_fund.company.profile.windows.get(),
        ada.lease.unit.property,
    )


@pytest.fixture
def sent(db):
    """A rent debit of 1,000.00 in the file of Monday, 2 March 2026, and its payer's browser."""
    ada = payer()
    town = town_of(ada)
    payment = town.debit()
    return town, payment, signed_in(payment.tenant)


def test_after_the_cut_off_it_says_so_and_cancels_nothing(sent):
    town, payment, client = sent
    send(town)

    answer = client.post(f"/payments/{payment.order_id}/cancel/")

    assert answer.status_code == 422
    assert "for the cut-off on March 2, 2026, 4 p.m. ET is closed" in answer.text
    assert status_of(payment) == PaymentStatus.SENT


def test_what_is_in_a_closed_file_is_not_said_to_be_cancelable(sent):
    town, payment, client = sent
    town.frozen()

    page = client.get(f"/payments/{payment.order_id}/").text

    assert "our file to the bank, which is closed" in page
    assert "still cancel" not in page
    assert "Cancel by" not in page


def returned(sent, code):
    town, payment, client = sent
    settle_file(town, send(town))
    deliver(town, about(only_entry(), code))
    return client.get(f"/payments/{payment.order_id}/").text


def test_a_retry_is_told_with_its_day(sent):
    page = returned(sent, "R01")

    assert "Retry scheduled" in page
    assert "We will try the same amount again on March 10, 2026" in page
    assert "Pay another way" not in page


def test_a_return_that_is_final_leads_to_another_way_to_pay(sent):
    page = returned(sent, "R02")

    assert "Your bank told us that this account is closed." in page
    assert "Pay another way" in page
    assert "$1,000.00 came back on March 5, 2026" in page
    assert "Cleared" not in page
    assert "R02" not in page


def test_another_try_is_planned_on_the_day_of_the_return(sent):
    returned(sent, "R01")
    _, payment, client = sent

    steps = client.get(f"/payments/{payment.order_id}/").context["stories"][0].steps

    assert [step.on for step in steps if step.name == "RETRY"] == [date(2026, 3, 5)]


def test_what_happened_is_told_by_the_days_of_the_bank(sent):
    returned(sent, "R02")
    _, payment, client = sent

    steps = client.get(f"/payments/{payment.order_id}/").context["stories"][0].steps

    assert [step.name for step in steps] == ["MADE", "SENT", "SETTLED", "RETURNED"]
    assert (steps[2].on, steps[3].on) == (date(2026, 3, 3), date(2026, 3, 5))


@needs_libraries
def test_a_receipt_is_a_pdf_made_once(ada):
    payment = paid(ada)

    answers = [ada.client.get(f"/payments/{payment.order_id}/receipt.pdf") for _ in range(2)]

    assert [answer["Content-Type"] for answer in answers] == ["application/pdf"] * 2
    assert answers[0].content == answers[1].content
    assert answers[0].content.startswith(b"%PDF")


@needs_libraries
def test_a_statement_is_of_twelve_months_unless_days_are_named(ada):
    ada.owe()
    ada.client.get("/payments/statement.pdf")
    ada.client.get("/payments/statement.pdf?first=2026-02-01&last=2026-02-28")

    names = Document.objects.order_by("pk").values_list("name", flat=True)
    lease = ada.lease.external_id
    assert list(names) == [
        f"statement-{lease}-2025-03-02-2026-03-02.pdf",
        f"statement-{lease}-2026-02-01-2026-02-28.pdf",
    ]


@pytest.mark.parametrize(
    "days",
    ["first=2026-03-01&last=2026-02-01", "first=x&last=", "first=2020-01-01&last=2026-01-01"],
)
def test_days_that_are_no_range_are_refused_by_name(ada, days):
    answer = ada.client.get(f"/payments/statement.pdf?{days}")

    assert answer.status_code == 422
    assert 'href="#id_last"' in answer.text


@needs_libraries
def test_a_paper_of_somebody_else_is_not_there(ada):
    other = payer_of_paper()

    assert ada.client.get(f"/papers/{other.pk}/").status_code == 404


def test_a_paper_that_cannot_be_made_is_said_plainly(ada, monkeypatch):
    monkeypatch.setattr("housing_ach.shared.pdf.missing_packages", lambda: ["libpango-1.0-0"])
    payment = paid(ada)

    answer = ada.client.get(f"/payments/{payment.order_id}/receipt.pdf")

    assert answer.status_code == 503
    assert "ask your office for a copy" in answer.text
    assert "libpango" not in answer.text


def payer_of_paper():
    payment = PaymentFactory()
    signed_in(payment.tenant).get(f"/payments/{payment.order_id}/receipt.pdf")
    return Document.objects.get(tenant=payment.tenant)


@needs_libraries
def test_a_paper_that_waits_shows_how_far_it_is_until_it_is_there(ada):
    payment = paid(ada)
    ada.client.get(f"/payments/{payment.order_id}/receipt.pdf")
    paper = Document.objects.get()
    waiting = Document.objects.create(
        kind=paper.kind,
        subject=paper.subject,
        subject_id="0",
        tenant=ada.tenant,
        name="statement.pdf",
        facts={},
        facts_sha="0" * 64,
        progress=40,
        made_by=paper.made_by,
        made_at=AT,
    )

    page = ada.client.get(f"/papers/{waiting.pk}/")
    done = ada.client.get(f"/papers/{paper.pk}/", headers={"HX-Request": "true"})

    assert 'value="40"' in page.text
    assert "every 2s" in page.text
    assert done.status_code == 286
    assert "every 2s" not in done.text


def test_a_tenant_without_a_lease_has_nothing_to_pay(client, ada):
    client.force_login(TenantFactory(signed_up=True).user)

    assert client.get("/pay/").status_code == 404
    assert client.get("/payments/").status_code == 200
