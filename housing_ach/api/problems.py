"""Every answer that says no: `application/problem+json` (RFC 9457), its kinds in one table."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from housing_ach.api.etags import NoMatchGiven, Stale
from housing_ach.api.idempotency import Busy, Reused
from housing_ach.payments.services import SomeRefused
from housing_ach.shared.problems import Refusal

BASE = "/problems/"
# Of a batch, so many of what is wrong are told.
MOST_ERRORS = 100


class Kind(NamedTuple):
    """`code` ends the address of the kind; it never changes."""

    code: str
    title: str
    status: int


BAD_REQUEST = Kind("bad-request", "The request cannot be read", HTTPStatus.BAD_REQUEST)
INVALID = Kind("invalid", "Some fields are not right", HTTPStatus.UNPROCESSABLE_ENTITY)
UNAUTHENTICATED = Kind("unauthenticated", "No good token", HTTPStatus.UNAUTHORIZED)
INSUFFICIENT_SCOPE = Kind(
    "insufficient-scope", "The token lacks the scope this needs", HTTPStatus.FORBIDDEN
)
NOT_FOUND = Kind("not-found", "There is no such thing", HTTPStatus.NOT_FOUND)
NOT_ALLOWED = Kind("method-not-allowed", "Not with this method", HTTPStatus.METHOD_NOT_ALLOWED)
UNSUPPORTED = Kind("unsupported-media-type", "Not in this form", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
TOO_LARGE = Kind("too-large", "More than one request may hold", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
NOT_ACCEPTABLE = Kind("not-acceptable", "Only JSON is given", HTTPStatus.NOT_ACCEPTABLE)
REFUSED = Kind("refused", "A rule says no", HTTPStatus.CONFLICT)
TOO_MANY = Kind("too-many-requests", "Too many requests", HTTPStatus.TOO_MANY_REQUESTS)
BUSY = Kind("idempotency-key-busy", "The same request is under way", HTTPStatus.CONFLICT)
REUSED = Kind(
    "idempotency-key-reused", "The key belongs to another request", HTTPStatus.UNPROCESSABLE_ENTITY
)
STALE = Kind("precondition-failed", "Somebody changed it meanwhile", HTTPStatus.PRECONDITION_FAILED)
NO_MATCH = Kind(
    "precondition-required", "A change says what it changes", HTTPStatus.PRECONDITION_REQUIRED
)
BROKEN = Kind("internal-error", "Something broke on our side", HTTPStatus.INTERNAL_SERVER_ERROR)
UNAVAILABLE = Kind("unavailable", "Not just now", HTTPStatus.SERVICE_UNAVAILABLE)
KINDS = (
    *(BAD_REQUEST, INVALID, UNAUTHENTICATED, INSUFFICIENT_SCOPE, NOT_FOUND, NOT_ALLOWED),
    *(TOO_LARGE, UNSUPPORTED, NOT_ACCEPTABLE, REFUSED, TOO_MANY, BUSY, REUSED, STALE, NO_MATCH),
    *(BROKEN, UNAVAILABLE),
)
BY_ERROR: Mapping[type[Exception], Kind] = {
    exceptions.ParseError: BAD_REQUEST,
    exceptions.AuthenticationFailed: UNAUTHENTICATED,
    exceptions.NotAuthenticated: UNAUTHENTICATED,
    exceptions.PermissionDenied: INSUFFICIENT_SCOPE,
    PermissionDenied: INSUFFICIENT_SCOPE,
    exceptions.NotFound: NOT_FOUND,
    Http404: NOT_FOUND,
    RequestDataTooBig: TOO_LARGE,
    exceptions.MethodNotAllowed: NOT_ALLOWED,
    exceptions.UnsupportedMediaType: UNSUPPORTED,
    exceptions.NotAcceptable: NOT_ACCEPTABLE,
    exceptions.Throttled: TOO_MANY,
    Busy: BUSY,
    Reused: REUSED,
    Stale: STALE,
    NoMatchGiven: NO_MATCH,
}


class NotThere(Refusal):
    """What a field names does not exist, or not for this payer."""


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"
    format = "problem"


class UnknownParameter(exceptions.ParseError):
    """A parameter nobody reads would silently be without effect."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)
        super().__init__(f"Unknown query parameters: {', '.join(self.names)}.")


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Anything that is not listed here is ours to mend, and told without its words (views.failures)."""
    names = getattr(context["view"], "names", {})
    if isinstance(error, SomeRefused):
        found = sorted(error.refusals.items())
        words = f"{len(found)} of the items are refused; nothing was done."
        errors = [told(said, names, f"/items/{place}") for place, said in found[:MOST_ERRORS]]
        return _answer(_kind_of(error.refusals.values()), words, context, errors=errors)
    if isinstance(error, Refusal):
        return _answer(_kind_of([error]), str(error), context, errors=[told(error, names)])
    if isinstance(error, exceptions.ValidationError):
        errors = list(islice(field_errors(error.detail), MOST_ERRORS))
        return _answer(INVALID, "", context, errors=errors)
    kind = next((kind for known, kind in BY_ERROR.items() if isinstance(error, known)), None)
    if kind is None:
        return None
    return _answer(kind, str(getattr(error, "detail", "")), context, headers=_headers(error))


def body_of(kind: Kind, request: HttpRequest) -> dict[str, Any]:
    return {
        "type": BASE + kind.code,
        "title": kind.title,
        "status": int(kind.status),
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }


def told(said: Refusal, names: Mapping[str, str], place: str = "") -> dict[str, str]:
    """`names` are the body's, where the service has others."""
    field = names.get(said.field, said.field)
    return {
        "pointer": f"{place}/{_escaped(field)}" if field else place,
        "code": "not_found" if isinstance(said, NotThere) else type(said).__name__,
        "message": str(said),
    }


def _kind_of(refusals: Iterable[Refusal]) -> Kind:
    return INVALID if all(isinstance(said, NotThere) for said in refusals) else REFUSED


def _answer(
    kind: Kind,
    detail: str,
    context: Mapping[str, Any],
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    set_rollback()
    body = body_of(kind, context["request"]._request)
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    answer = Response(body, status=int(kind.status), headers=dict(headers or {}))
    answer.content_type = ProblemRenderer.media_type
    return answer


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def field_errors(detail: Any, pointer: str = "") -> Iterable[dict[str, str]]:
    """RFC 6901 pointers to what was wrong."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            place = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
            yield from field_errors(inner, place)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list))
            yield from field_errors(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield {"pointer": pointer, "code": getattr(detail, "code", ""), "message": str(detail)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
