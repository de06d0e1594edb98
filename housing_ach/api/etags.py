"""Whether a caller still sees what it changes (RFC 9110 13): each object has a tag of its content."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from rest_framework.exceptions import APIException
from rest_framework.request import Request

ANY, WEAK = "*", "W/"
SALT = "housing_ach.api.etags"
LENGTH = 32


class NoMatchGiven(APIException):
    status_code = 428
    default_detail = "Send If-Match with the ETag of the object as you saw it."


class Stale(APIException):
    status_code = 412
    default_detail = "The object is not what the precondition says: get it again."


def etag_of(content: Mapping[str, Any]) -> str:
    """A strong tag. Keyed: what is part of it and not shown cannot be guessed from it."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return f'"{salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:LENGTH]}"'


def require_match(request: Request, tag: str | None, *, needed: bool = True) -> None:
    """If-Match, compared strongly; `tag` is None where there is no object. Raises NoMatchGiven, Stale."""
    if (given := request.headers.get("If-Match")) is None:
        if needed:
            raise NoMatchGiven
        return
    tags = parse_etags(given)
    if tag is None or (tags != [ANY] and tag not in tags):
        raise Stale


def is_known(request: Request, tag: str) -> bool:
    """If-None-Match, compared weakly: the caller has the object as it is."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return tags == [ANY] or tag in {given.removeprefix(WEAK) for given in tags}
