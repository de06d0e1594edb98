"""A program with its token: calls, each POST under a key of its own."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client as Browser

from housing_ach.users.states import Scope
from tests.api.calling import bearer, registered, token_of

V1 = "/api/v1/"


class Program:
    def __init__(self, *scopes: str) -> None:
        self.client, secret = registered(scopes=scopes or tuple(Scope.values))
        self.headers = bearer(token_of(self.client, secret))

    def get(self, place: str, **headers: str) -> Any:
        return self._call("get", place, None, headers)

    def post(self, place: str, body: object = None, *, key: str = "", **headers: str) -> Any:
        named = {"Idempotency-Key": key or uuid4().hex}
        return self._call("post", place, body, named | headers)

    def put(self, place: str, body: object, **headers: str) -> Any:
        return self._call("put", place, body, headers)

    def patch(self, place: str, body: object, **headers: str) -> Any:
        return self._call("patch", place, body, headers)

    def delete(self, place: str, **headers: str) -> Any:
        return self._call("delete", place, None, headers)

    def _call(self, method: str, place: str, body: object, headers: dict[str, str]) -> Any:
        sent = {} if method == "get" else {"data": json.dumps({} if body is None else body)}
        return getattr(Browser(), method)(
            place if place.startswith("/") else V1 + place,
            content_type="application/json",
            headers=self.headers | headers,
            **sent,
        )


def seen(answer: Any) -> dict[str, str]:
    return {"If-Match": answer["ETag"]}


def first_error(answer: Any) -> tuple[int, str, str]:
    error = answer.json()["errors"][0]
    return answer.status_code, error["pointer"], error["code"]
