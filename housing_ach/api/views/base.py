from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from housing_ach.api import etags, idempotency
from housing_ach.api.authentication import BearerToken, HasScope
from housing_ach.api.described.operations import Described
from housing_ach.api.models import IdempotencyKey
from housing_ach.api.parsers import NUL, Json
from housing_ach.api.problems import ProblemRenderer, UnknownParameter, handle
from housing_ach.api.rates import ClientRate
from housing_ach.audit.acting import acting
from housing_ach.clock.services import now


class ApiView(APIView):
    """JSON for programs alone. `scopes` names the scope of each method, `parameters` the query."""

    authentication_classes = (BearerToken,)
    permission_classes = (HasScope,)
    throttle_classes = (ClientRate,)
    renderer_classes = (JSONRenderer, ProblemRenderer)
    parser_classes = (Json,)
    schema = Described()
    scopes: ClassVar[Mapping[str, str]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.doing:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever is written from here on is the client's doing."""
        if request.method not in self.scopes:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        request_id = getattr(request._request, "request_id", "")
        self.doing.enter_context(acting(str(request.user), request_id=request_id))
        if unknown := set(request.query_params) - self.parameters:
            raise UnknownParameter(unknown)
        _require_text(request, kwargs)

    @property
    def allowed_methods(self) -> list[str]:
        return list(self.scopes)

    def get_exception_handler(self) -> Any:
        return handle

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        if rate := getattr(request, "rate", None):
            for name, value in rate.headers.items():
                answer[name] = value
        return answer


class ObjectView(ApiView):
    """One object, told with its ETag; changed only as its caller saw it, wholly or not at all.

    `hidden` is part of the tag and not of the answer.
    """

    is_changing = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in {"PUT", "PATCH", "DELETE"}:
            self.doing.enter_context(transaction.atomic())
            self.is_changing = True

    def told(
        self,
        request: Request,
        shown: Mapping[str, Any],
        *,
        hidden: Mapping[str, Any] | None = None,
        status: int = HTTPStatus.OK,
    ) -> Response:
        tag = etags.etag_of({**shown, "hidden": hidden})
        if request.method == "GET" and etags.is_known(request, tag):
            return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        return Response(shown, status=status, headers={"ETag": tag})

    def require_match(
        self,
        request: Request,
        shown: Mapping[str, Any],
        *,
        hidden: Mapping[str, Any] | None = None,
        needed: bool = True,
    ) -> None:
        """Raises NoMatchGiven or Stale. The row is locked, so that nobody changes it after this."""
        etags.require_match(request, etags.etag_of({**shown, "hidden": hidden}), needed=needed)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code >= HTTPStatus.BAD_REQUEST and self.is_changing:
            transaction.set_rollback(True)
        return answer


class MoneyView(ApiView):
    """What it does is done once for each Idempotency-Key, and all of it or nothing.

    A refusal is not kept: the same request may fit later. `told_once`: fields of the answer that are
    kept nowhere.
    """

    is_held = False
    taken: IdempotencyKey | None = None
    told_once: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in {"POST", "PUT", "PATCH"}:
            self.doing.enter_context(transaction.atomic())
            self.is_held = True
            caller: Any = request.user
            self.at = now()
            self.taken = idempotency.take(request, caller.client, at=self.at)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, idempotency.Replay):
            return exc.answer()
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            if self.is_held:
                transaction.set_rollback(True)
        elif self.taken is not None:
            idempotency.keep(self.taken, answer, told_once=self.told_once)
        return answer


def _require_text(request: Request, named: Mapping[str, Any]) -> None:
    """No text the database cannot keep, neither in the address nor in the query."""
    if any(NUL in str(value) for value in named.values()):
        raise Http404
    for name in request.query_params:
        if any(NUL in value for value in request.query_params.getlist(name)):
            raise ValidationError({name: ["A NUL character is no text."]})
