"""A request that may be sent again: one effect, and the same answer each time."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.utils import OperationalError
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api.models import IdempotencyKey
from housing_ach.users.models import Client

HEADER = "Idempotency-Key"
LEAST, MOST = 8, 255
KEPT = timedelta(days=90)
SALT = "housing_ach.api.idempotency"
# In one message to the database; whoever comes second waits that long for the first.
TAKE = """
SET LOCAL lock_timeout = '3s';
INSERT INTO api_idempotencykey (client_id, key, fingerprint, made_at, location)
VALUES (%s, %s, %s, %s, '') ON CONFLICT (client_id, key) DO NOTHING RETURNING id;
SET LOCAL lock_timeout = 0
"""


class Busy(APIException):
    status_code = 409
    default_detail = "A request with this Idempotency-Key is under way."


class Reused(APIException):
    status_code = 422
    default_detail = "This Idempotency-Key was used with another request."


class Replay(Exception):
    def __init__(self, kept: IdempotencyKey) -> None:
        super().__init__()
        self.kept = kept

    def answer(self) -> Response:
        answer = Response(self.kept.body, status=self.kept.status)
        answer["Idempotent-Replayed"] = "true"
        if self.kept.location:
            answer["Location"] = self.kept.location
        return answer


def take(request: Request, client: Client, *, at: datetime) -> IdempotencyKey:
    """The key is the request's until its transaction ends. Raises Replay, Reused.

    Raises Busy too: then the transaction is of no use any more.
    """
    key = request.headers.get(HEADER, "").strip('"')
    if not LEAST <= len(key) <= MOST or not key.isascii() or not key.isprintable():
        words = f"{HEADER}: {LEAST} to {MOST} printable ASCII characters, new for each request."
        raise ValidationError({"Idempotency-Key": [words]})
    fingerprint = _fingerprint(request)
    try:
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [client.pk, key, fingerprint, at])
            cursor.nextset()
            row = cursor.fetchone()
    except OperationalError as problem:
        raise Busy from problem
    if row:
        return IdempotencyKey(pk=row[0], client=client, key=key, fingerprint=fingerprint)
    kept = IdempotencyKey.objects.get(client=client, key=key)
    if kept.fingerprint != fingerprint:
        raise Reused
    raise Replay(kept)


def keep(
    taken: IdempotencyKey, answer: Response, *, told_once: frozenset[str] = frozenset()
) -> None:
    """What is told once is not kept: the same answer says null there."""
    body: Any = answer.data
    if told_once:
        body = dict(body) | dict.fromkeys(told_once)
    IdempotencyKey.objects.filter(pk=taken.pk).update(
        status=answer.status_code, body=body, location=answer.get("Location", "")
    )


def forget(*, at: datetime) -> int:
    return IdempotencyKey.objects.filter(made_at__lt=at - KEPT).delete()[0]


def _fingerprint(request: Request) -> str:
    """Keyed: a body may hold an account number, which a plain hash of it would let be guessed."""
    said = f"{request.method}\n{request.get_full_path()}\n".encode() + request._request.body
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()
