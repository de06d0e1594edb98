"""The day's settlement file of a program: stored at once, compared by the worker."""

from typing import IO, Any, ClassVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.shown import reconciliation as shown
from housing_ach.api.views.base import ApiView, MoneyView
from housing_ach.clock.services import now
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reconciliation.services import MOST_BYTES, take
from housing_ach.reconciliation.states import Form
from housing_ach.users.states import Scope

RETURN_FILE, BAI2 = b"101", b"01,"


class Bytes(BaseParser):
    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Any = None) -> Any:
        return stream.read()


class JsonLines(Bytes):
    media_type = "application/x-ndjson"


class Csv(Bytes):
    media_type = "text/csv"


class Text(Bytes):
    media_type = "text/plain"


class Octets(Bytes):
    media_type = "application/octet-stream"


FORMS = {JsonLines.media_type: Form.JSON_LINES, Csv.media_type: Form.CSV}


class LongBody(ApiView):
    """Takes more than other requests may hold, once it is known who asks."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "PUT":
            _read(request._request)


class ReconcileView(MoneyView, LongBody):
    """JSON lines, CSV or a NACHA return file, of 20 MB at most; the same bytes are answered the same.

    What it says is never taken for the bank's word: nothing settles, comes back or is posted by it.
    """

    scopes: ClassVar = {"PUT": Scope.RECON}
    parser_classes: Any = (JsonLines, Csv, Text, Octets)

    def put(self, request: Request) -> Response:
        content: Any = request.data
        if not content:
            raise ParseError("The body is empty.")
        caller: Any = request.user
        row = take(caller.client, _form_of(request, content), content, at=now())
        place = reverse("api:reconciliation", args=[row.pk])
        return Response(shown.reconciliation_of(row), status=202, headers={"Location": place})


class ReconciliationView(ApiView):
    """What became of the program's own file, line by line."""

    scopes: ClassVar = {"GET": Scope.RECON}
    parameters = cursors.PARAMETERS

    def get(self, request: Request, pk: int) -> Response:
        caller: Any = request.user
        row = get_object_or_404(Reconciliation, pk=pk, client=caller.client)
        lines = cursors.page_of(request, shown.lines(row), shown.lines_of, place=f"reconcile:{pk}")
        return Response(shown.reconciliation_of(row) | {"lines": lines})


def _read(request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise RequestDataTooBig
    request._body = request.read()


def _form_of(request: Request, content: bytes) -> Form:
    kind = request.content_type.partition(";")[0].strip().lower()
    if content.startswith(BAI2):
        words = "BAI2 is not taken yet. Send JSON lines, CSV or a NACHA return file."
        raise UnsupportedMediaType(kind, detail=words)
    if form := FORMS.get(kind):
        return form
    if content.startswith(RETURN_FILE):
        return Form.NACHA
    raise UnsupportedMediaType(kind, detail="A file of this type is a NACHA return file.")
