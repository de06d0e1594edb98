"""What is asked for twice is made once; what changed is made anew."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from housing_ach.audit.models import Event
from housing_ach.batches.models import Entry
from housing_ach.payments.services import send_prenote
from housing_ach.reports import services
from housing_ach.reports.models import Content, Document
from housing_ach.reports.selectors import NoReceipt, content_of, documents
from housing_ach.reports.selectors.documents import Damaged, NotThere
from housing_ach.reports.states import DocumentStatus
from housing_ach.shared import pdf
from housing_ach.tenants.states import Role
from tests.batches.town import MONDAY, NOON, TUESDAY, Town
from tests.factories import MandateFactory, MembershipFactory, PaymentFactory, UserFactory
from tests.papers import needs_libraries
from tests.returns.letters import about
from tests.returns.post import deliver, send

pytestmark = needs_libraries
LATER = NOON + timedelta(hours=1)


def test_the_second_request_gets_the_stored_one(settled: Entry, clerk):
    first = services.receipt(settled.payment.order, by=clerk, at=NOON)
    second = services.receipt(settled.payment.order, by=UserFactory(), at=LATER)

    assert second == first
    assert content_of(second) == content_of(first)
    assert Content.objects.count() == 1


def test_changed_facts_make_a_new_one_and_keep_the_old(town: Town, settled: Entry, clerk):
    first = services.receipt(settled.payment.order, by=clerk, at=NOON)

    deliver(town, about(settled, "R02"))
    second = services.receipt(settled.payment.order, by=clerk, at=LATER)

    assert second != first
    assert content_of(first).startswith(b"%PDF")


def test_each_language_has_its_own(settled: Entry, clerk):
    english = services.receipt(settled.payment.order, by=clerk, at=NOON)
    spanish = services.receipt(settled.payment.order, by=clerk, at=NOON, language="es")

    assert english != spanish


def test_the_hash_is_that_of_the_bytes(settled: Entry, clerk):
    document = services.receipt(settled.payment.order, by=clerk, at=NOON)

    content = content_of(document)

    assert document.sha256 == sha256(content).hexdigest()
    assert document.size == len(content)


def test_other_bytes_are_handed_to_nobody(settled: Entry, clerk):
    document = services.receipt(settled.payment.order, by=clerk, at=NOON)
    Document.objects.filter(pk=document.pk).update(sha256="0" * 64)
    document.refresh_from_db()

    with pytest.raises(Damaged):
        content_of(document)


def test_bytes_never_change(settled: Entry, clerk):
    services.receipt(settled.payment.order, by=clerk, at=NOON)

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Content.objects.update(data=b"%PDF other")


def test_who_asked_is_in_the_history(settled: Entry, clerk):
    document = services.receipt(settled.payment.order, by=clerk, at=NOON)

    event = Event.objects.about(document).get()
    assert (event.kind, event.data["sha256"]) == ("document.done", document.sha256)


def test_the_web_role_makes_and_reads_one(committed_db):
    order = PaymentFactory().order
    clerk = UserFactory()

    with committed_db.acting_as("app"):
        document = services.receipt(order, by=clerk, at=NOON)
        assert content_of(document).startswith(b"%PDF")


def test_a_prenote_has_no_receipt(db, clerk):
    order = send_prenote(mandate=MandateFactory(), by=clerk, at=NOON)

    with pytest.raises(NoReceipt):
        services.receipt(order, by=clerk, at=NOON)


def test_a_statement_that_ends_before_it_begins_is_refused(settled: Entry, clerk):
    payment = settled.payment

    with pytest.raises(services.BadRange) as told:
        services.tenant_statement(
            payment.lease, payment.tenant, days=(TUESDAY, MONDAY), by=clerk, at=NOON
        )

    assert told.value.field == "last"


def test_without_the_libraries_it_says_what_to_install(settled: Entry, clerk, monkeypatch):
    monkeypatch.setattr(pdf, "missing_packages", lambda: ["libpango-1.0-0"])

    with pytest.raises(services.CannotPrint, match="apt-get install libpango"):
        services.receipt(settled.payment.order, by=clerk, at=NOON)

    assert not Document.objects.exists()


def test_a_long_one_waits_for_the_worker(town: Town, clerk, monkeypatch):
    monkeypatch.setattr("housing_ach.reports.services.documents.ROWS_AT_ONCE", 0)
    town.debit()
    batch = send(town).batches.get()

    document = services.batch_report(batch, by=clerk, at=NOON)

    assert document.status == DocumentStatus.QUEUED
    with pytest.raises(NotThere):
        content_of(document)


def test_a_tenant_sees_his_own_alone(settled: Entry, clerk):
    document = services.receipt(settled.payment.order, by=clerk, at=NOON)
    tenant = settled.payment.tenant
    tenant.user = UserFactory()
    tenant.save()

    assert list(documents(tenant.user)) == [document]
    assert list(documents(UserFactory())) == []


def test_a_day_end_is_for_those_of_the_whole_organisation(town: Town, clerk):
    document = services.day_end_report(TUESDAY, by=clerk, at=NOON)
    manager = MembershipFactory(role=Role.PROPERTY_MANAGER, property=town.home).user

    assert list(documents(MembershipFactory().user)) == [document]
    assert list(documents(manager)) == []


def test_the_database_refuses_a_done_one_without_bytes(settled: Entry, clerk):
    document = services.receipt(settled.payment.order, by=clerk, at=NOON)

    with pytest.raises(IntegrityError, match="done_document_has_its_bytes"), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(sha256="")
