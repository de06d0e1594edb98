"""A long document is made by the worker, with progress that is true, whoever dies on the way."""

import pytest

from housing_ach.batches.models import Batch
from housing_ach.reports import services
from housing_ach.reports.models import Document
from housing_ach.reports.selectors import content_of
from housing_ach.reports.services import print_document, print_waiting, printing
from housing_ach.reports.states import DocumentStatus
from housing_ach.reports.tasks import print_documents
from housing_ach.shared.pdf import CannotPrint
from tests.batches.town import NOON, Town
from tests.factories import PaymentFactory, UserFactory
from tests.papers import needs_libraries
from tests.returns.post import send

pytestmark = needs_libraries


@pytest.fixture
def waiting(town: Town, clerk, monkeypatch) -> Document:
    monkeypatch.setattr("housing_ach.reports.services.documents.ROWS_AT_ONCE", 0)
    town.debit()
    batch: Batch = send(town).batches.get()
    return services.batch_report(batch, by=clerk, at=NOON)


def test_it_is_made_with_its_bytes(waiting: Document):
    print_documents()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.progress) == (DocumentStatus.DONE, 100)
    assert content_of(waiting).startswith(b"%PDF")


def test_made_twice_it_is_made_once(waiting: Document):
    assert print_document(waiting.pk)
    first = content_of(Document.objects.get())

    assert not print_document(waiting.pk)
    assert content_of(Document.objects.get()) == first


def test_one_that_another_worker_left_is_made_from_the_start(waiting: Document):
    printing.move(waiting, DocumentStatus.RUNNING)

    assert print_waiting() == 1


def test_one_that_another_worker_makes_is_left_to_it(committed_db, waiting_committed: Document):
    key = f"reports_document:{waiting_committed.pk}"
    with committed_db.connect() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])

        assert not print_document(waiting_committed.pk)
        other.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])

    assert print_document(waiting_committed.pk)


@pytest.fixture
def waiting_committed(committed_db, monkeypatch) -> Document:
    monkeypatch.setattr("housing_ach.reports.services.documents.ROWS_AT_ONCE", 0)
    return services.receipt(PaymentFactory().order, by=UserFactory(), at=NOON)


def test_progress_grows_to_almost_done_before_the_bytes_are_stored(waiting: Document, monkeypatch):
    told = []
    teller = printing._teller

    def overheard(document: Document):
        write = teller(document)
        return lambda done: (write(done), told.append(Document.objects.get().progress))

    monkeypatch.setattr(printing, "_teller", overheard)
    print_waiting()

    assert told == sorted(told)
    assert len(set(told)) > 3
    assert told[-1] == 95


def test_a_failure_leaves_a_plain_message(waiting: Document, monkeypatch, caplog):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(printing, "render_pdf", broken)
    print_waiting()

    waiting.refresh_from_db()
    assert waiting.status == DocumentStatus.FAILED
    assert waiting.message == printing.BROKEN
    assert "secret inside" in caplog.text


def test_missing_libraries_are_named(waiting: Document, monkeypatch):
    def lacking(*_: object, **__: object) -> None:
        raise CannotPrint("PDFs need: apt-get install libpango-1.0-0")

    monkeypatch.setattr(printing, "render_pdf", lacking)
    print_waiting()

    waiting.refresh_from_db()
    assert "libpango-1.0-0" in waiting.message


def test_after_a_failure_it_can_be_asked_for_again(waiting: Document, clerk, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(printing, "render_pdf", None)
        print_waiting()

    again = services.batch_report(Batch.objects.get(), by=clerk, at=NOON)

    assert again != waiting
    assert print_waiting() == 1
