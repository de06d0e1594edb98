"""From facts to stored bytes, once, whoever dies on the way."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TypedDict

from django.db import DatabaseError, connection, transaction

from housing_ach.audit.move import move
from housing_ach.reports.models import Content, Document
from housing_ach.reports.services.papers import PAPERS
from housing_ach.reports.states import DocumentKind, DocumentStatus
from housing_ach.shared.pdf import CannotPrint, Pdf, render_pdf

LOG = logging.getLogger(__name__)
BROKEN = "The document could not be made. The reason is in the log; please tell the administrator."
# What the bar shows before the bytes are stored: done is done.
ALMOST = 99


class Stored(TypedDict):
    sha256: str
    size: int
    pages: int
    progress: int


def print_waiting() -> int:
    """Make every document that waits, the oldest first; returns how many. May run beside itself."""
    waiting = list(Document.objects.waiting().order_by("pk").values_list("pk", flat=True))
    return sum(print_document(pk) for pk in waiting)


def print_document(pk: int) -> bool:
    """Made by this process now: not by another one, and not before.

    One that died left it RUNNING, without its lock: it is made from the start.
    """
    with _holding(pk) as mine:
        document = Document.objects.get(pk=pk)
        if not mine or document.status not in {DocumentStatus.QUEUED, DocumentStatus.RUNNING}:
            return False
        if document.status == DocumentStatus.QUEUED:
            move(document, DocumentStatus.RUNNING)
        try:
            pdf = typeset(document, told=_teller(document))
        except CannotPrint as refusal:
            _fail(document, str(refusal))
        except Exception:
            LOG.exception("document %s could not be made", pk)
            _fail(document, BROKEN)
        else:
            _store(document, pdf)
            return True
    return False


def typeset(document: Document, told: Callable[[int], object] | None = None) -> Pdf:
    """Raises CannotPrint."""
    paper = PAPERS[DocumentKind(document.kind)]
    context = {"facts": document.facts, "made_at": document.made_at, "document": document}
    return render_pdf(
        paper.template,
        context,
        language=document.language,
        pages=paper.pages(document.facts),
        told=told,
    )


def stored(pdf: Pdf) -> Stored:
    digest = sha256(pdf.content).hexdigest()
    return Stored(sha256=digest, size=len(pdf.content), pages=pdf.pages, progress=100)


def _teller(document: Document) -> Callable[[int], object]:
    """Each percent is committed by itself, so that who waits sees it."""
    rows = Document.objects.filter(pk=document.pk, status=DocumentStatus.RUNNING)
    return lambda done: rows.update(progress=min(done, ALMOST))


@transaction.atomic
def _store(document: Document, pdf: Pdf) -> None:
    move(document, DocumentStatus.DONE, data={"pages": pdf.pages}, **stored(pdf))
    Content.objects.create(document=document, data=pdf.content)


def _fail(document: Document, message: str) -> None:
    move(document, DocumentStatus.FAILED, message=message)


@contextmanager
def _holding(pk: int) -> Iterator[bool]:
    """False while another process makes the document. The lock dies with its process."""
    key = [f"{Document._meta.db_table}:{pk}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
