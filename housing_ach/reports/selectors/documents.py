from hashlib import sha256

from housing_ach.reports.models import Content, Document, DocumentQuerySet
from housing_ach.reports.states import DocumentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User


class NotThere(Refusal):
    """The document is not made yet, or could not be."""


class Damaged(Exception):
    """Stored bytes are not those that were made: nobody gets them."""


def documents(user: User) -> DocumentQuerySet:
    """What the user may see, the newest first, without facts and bytes."""
    return (
        Document.objects.visible_to(user)
        .select_related("made_by")
        .defer("facts")
        .order_by("-made_at", "-pk")
    )


def content_of(document: Document) -> bytes:
    """The PDF. Raises NotThere or Damaged."""
    if document.status != DocumentStatus.DONE:
        raise NotThere(f"document {document}: {document.message or 'is not ready'}", field="status")
    data = bytes(Content.objects.values_list("data", flat=True).get(document=document))
    if sha256(data).hexdigest() != document.sha256:
        raise Damaged(f"document {document.pk}: its bytes do not have the hash it was made with")
    return data
