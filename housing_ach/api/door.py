"""What is noted of a program at the token endpoint, and where from it may come."""

import json
from typing import Any

from authlib.oauth2.rfc6749.util import extract_basic_authorization
from django.http import HttpRequest
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from housing_ach.clock.services import now
from housing_ach.users.clients import may_call_from
from housing_ach.users.models import Client
from housing_ach.users.uses import note_failure, note_use

ELSEWHERE = "Called from an address that is not allowed"


def address_of(request: HttpRequest) -> str:
    """The caller's own; where our proxy stands in front, as it told us (certificates.py)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def comes_from_its_network(client: Client, request: HttpRequest) -> bool:
    """Whoever uses its token or proof elsewhere is noted as well."""
    address = address_of(request)
    if may_call_from(client, address):
        return True
    note_failure(client, ELSEWHERE, address=address, at=now())
    return False


def let_in(client: Client, request: HttpRequest) -> None:
    note_use(client, address=address_of(request), at=now())


def turned_away(request: HttpRequest, headers: Any, why: str) -> None:
    """Under the name that was given, though nobody proved it."""
    named = _named(request, headers)
    client = Client.objects.filter(client_id=named).first() if named else None
    if client:
        note_failure(client, why, address=address_of(request), at=now())


def _named(request: HttpRequest, headers: Any) -> str:
    name, _secret = extract_basic_authorization(headers)
    return str(name or request.POST.get("client_id") or _issuer(request))


def _issuer(request: HttpRequest) -> str:
    try:
        found = extract_compact(request.POST.get("client_assertion", "").encode())
        claims = json.loads(found.payload)
        return str(claims.get("sub", ""))
    except (JoseError, ValueError, AttributeError):
        return ""
