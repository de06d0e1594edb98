"""What the papers say, and what a screen reader is told of them."""

import re
from datetime import date

import pytest

from housing_ach.batches.models import Entry
from housing_ach.ledger.chart import TENANT_RECEIVABLE
from housing_ach.ledger.drafts import Key
from housing_ach.ledger.selectors import balance
from housing_ach.mandates.models import Autopay
from housing_ach.mandates.states import AutopayMode
from housing_ach.reports import services
from housing_ach.reports.models import Document
from housing_ach.reports.selectors import content_of, funds_on
from housing_ach.shared.money import dollars
from tests.batches.town import NOON, TUESDAY, Town
from tests.factories import AutopayFactory, MandateFactory
from tests.papers import Paper, needs_libraries, text_of
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, deliver, only_entry, send, settle

pytestmark = needs_libraries
LONG = date(2026, 1, 1), date(2026, 12, 31)
NUMBER = "9900123456789"


@pytest.fixture
def returned(town: Town, settled: Entry) -> Entry:
    deliver(town, about(settled, "R02"))
    return settled


@pytest.fixture
def papers(returned: Entry, clerk) -> dict[str, Document]:
    payment, asked = returned.payment, {"by": clerk, "at": NOON}
    return {
        "receipt": services.receipt(payment.order, **asked),
        "mandate": services.mandate_copy(payment.mandate, **asked),
        "statement": services.tenant_statement(payment.lease, payment.tenant, days=LONG, **asked),
        "batch": services.batch_report(returned.batch, **asked),
        "day-end": services.day_end_report(RETURNED_ON, **asked),
    }


def test_every_paper_is_tagged_and_tells_its_language_and_title(papers: dict[str, Document]):
    for name, document in papers.items():
        paper = Paper(content_of(document))
        assert paper.is_tagged, name
        assert paper.claims_ua, name
        assert paper.language == "en", name
        assert paper.title, name
        assert paper.tags["/H1"] == 1, name
        assert paper.tags["/H2"] >= 1, name


def test_every_table_has_heads(papers: dict[str, Document]):
    for name in ("receipt", "statement", "batch", "day-end"):
        tags = Paper(content_of(papers[name])).tags
        assert tags["/Table"] >= 1, name
        assert tags["/TH"] >= 3 * tags["/Table"], name


def test_every_figure_is_told_in_words(papers: dict[str, Document]):
    alternatives = Paper(content_of(papers["day-end"])).alternatives

    assert len(alternatives) == 3
    assert all(alternatives)


def test_no_paper_holds_a_full_account_number(town: Town, clerk):
    payment = town.debit(NUMBER)
    settle(town, send(town))
    entry = only_entry()
    asked = {"by": clerk, "at": NOON}
    documents = [
        services.receipt(payment.order, **asked),
        services.mandate_copy(payment.mandate, **asked),
        services.tenant_statement(payment.lease, payment.tenant, days=LONG, **asked),
        services.batch_report(entry.batch, **asked),
        services.day_end_report(TUESDAY, **asked),
    ]

    for document in documents:
        assert not holds(document, NUMBER), document
    assert NUMBER[-4:] in text_of(content_of(documents[0]))


def holds(document: Document, number: str) -> bool:
    """In its text, its stored facts or anywhere in the clear among its bytes."""
    digits = re.sub(r"\D", "", text_of(content_of(document)))
    stored = str(document.facts)
    return number in digits or number in stored or number.encode() in content_of(document)


def test_a_receipt_says_pending_then_paid_then_returned(town: Town, clerk):
    payment = town.debit()
    words = [receipt_words(payment.order, clerk)]
    file = send(town)
    settle(town, file)
    words.append(receipt_words(payment.order, clerk))
    deliver(town, about(only_entry(), "R02"))
    words.append(receipt_words(payment.order, clerk))

    assert "$1,000.00 Pending" in words[0]
    assert "Paid on March 3, 2026" in words[1]
    assert "Rent March 2026 $1,000.00" in words[1]
    assert "$1,000.00 Returned" in words[2]
    assert "Your bank account is closed (R02)" in words[2]


def receipt_words(order, clerk) -> str:
    return spaced(services.receipt(order, by=clerk, at=NOON))


def spaced(document: Document) -> str:
    return re.sub(r"(\.\d\d)(?=[A-Z])", r"\1 ", text_of(content_of(document)))


def test_a_receipt_after_a_retry_was_planned_tells_both(town: Town, settled: Entry, clerk):
    deliver(town, about(settled, "R01"))

    said = receipt_words(settled.payment.order, clerk)

    assert "Pending" in said
    assert "Next try March 10, 2026" in said
    assert "There was not enough money in your account (R01)" in said


def test_the_mandate_is_the_text_that_was_signed(db, clerk):
    autopay: Autopay = AutopayFactory(mode=AutopayMode.CAPPED, cents=1500_00, day_of_month=3)
    mandate = autopay.mandate

    said = text_of(content_of(services.mandate_copy(mandate, by=clerk, at=NOON)))

    for clause in mandate.text.body.split("\n\n"):
        assert " ".join(clause.split()[-6:]) in said
    assert mandate.text.sha256 in said
    assert "From $0.01 to $5,000.00" in said
    assert "on day 3 of each month" in said
    assert mandate.signed_name in said


def test_the_statements_figures_are_the_ledgers(returned: Entry, clerk):
    payment = returned.payment
    document = services.tenant_statement(
        payment.lease, payment.tenant, days=LONG, by=clerk, at=NOON
    )

    key = Key(payment.fund_id, TENANT_RECEIVABLE, payment.tenant.party, payment.lease_id)
    owed = balance(key)
    assert document.facts["closing_cents"] == owed == 1000_00
    assert f"Balance on Dec. 31, 2026 ${dollars(owed)}" in text_of(content_of(document))


def test_the_day_ends_figures_are_the_ledgers(papers: dict[str, Document]):
    said = text_of(content_of(papers["day-end"]))

    for fund in funds_on(RETURNED_ON):
        assert f"${dollars(fund.bank_cents)}" in said


def test_the_batch_report_tells_who_made_and_approved_it(town: Town, papers: dict[str, Document]):
    said = text_of(content_of(papers["batch"]))

    assert town.clerk.name in said
    assert only_entry().trace in said
    assert "Returned" in said


def test_a_name_is_printed_as_it_is_written_and_never_as_markup(db, clerk):
    mandate = MandateFactory(signed_name="Zoë <b>Nguyễn</b> Łukasz")

    document = services.mandate_copy(mandate, by=clerk, at=NOON)

    assert "Zoë <b>Nguyễn</b> Łukasz" in text_of(content_of(document))
