"""The least a request that writes can cost here: a view that asks nobody, and inserts one row."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

INSERT = "INSERT INTO bare_row (body) VALUES (%s) RETURNING id"


class BareView(APIView):
    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [request._request.body.decode()])
            (pk,) = cursor.fetchone()
        answer: dict[str, Any] = {"id": str(pk)}
        return Response(answer, status=201)


urlpatterns = [path("bare", login_not_required(BareView.as_view()))]
application = get_wsgi_application()
