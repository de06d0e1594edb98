import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import server_error

from housing_ach.api.problems import BROKEN, UNAVAILABLE, ProblemRenderer, body_of

OF_PROGRAMS = ("/api/", "/oauth/")
AGAIN_SECONDS = 5


def failed(request: HttpRequest) -> HttpResponse:
    """What nobody expected; Django has it in hand, and logs it. Programs are told as programs."""
    if not request.path.startswith(OF_PROGRAMS):
        return server_error(request)
    is_away = isinstance(sys.exception(), OperationalError | InterfaceError)
    kind = UNAVAILABLE if is_away else BROKEN
    return JsonResponse(
        body_of(kind, request),
        status=kind.status,
        content_type=ProblemRenderer.media_type,
        headers={"Cache-Control": "no-store"}
        | ({"Retry-After": str(AGAIN_SECONDS)} if is_away else {}),
    )
