from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from housing_ach.api.authentication import BearerToken, HasScope
from housing_ach.api.problems import ProblemRenderer, UnknownParameter, handle
from housing_ach.audit.acting import acting


class ApiView(APIView):
    """JSON for programs alone. `scopes` names the scope of each method, `parameters` the query."""

    authentication_classes = (BearerToken,)
    permission_classes = (HasScope,)
    renderer_classes = (JSONRenderer, ProblemRenderer)
    parser_classes = (JSONParser,)
    scopes: ClassVar[Mapping[str, str]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.doing:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever is written from here on is the client's doing."""
        super().initial(request, *args, **kwargs)
        self.doing.enter_context(acting(str(request.user)))
        if unknown := set(request.query_params) - self.parameters:
            raise UnknownParameter(unknown)

    def get_exception_handler(self) -> Any:
        return handle

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer
