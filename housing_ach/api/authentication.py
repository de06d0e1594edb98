"""Who calls, by the bearer token; what it may, by the token's scopes."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from housing_ach.api.certificates import thumbprint_of
from housing_ach.api.door import comes_from_its_network
from housing_ach.api.keys import ALGORITHM, known_keys
from housing_ach.users.models import Client
from housing_ach.users.states import Scope

LEEWAY_SECONDS = 10
REGISTRY = jwt.JWTClaimsRegistry(
    leeway=LEEWAY_SECONDS,
    iss={"essential": True, "value": settings.API_ISSUER},
    aud={"essential": True, "value": settings.API_AUDIENCE},
    exp={"essential": True},
    iat={"essential": True},
    client_id={"essential": True},
)


class Caller:
    """The client as the framework's user."""

    is_authenticated = True

    def __init__(self, client: Client) -> None:
        self.client = client

    def __str__(self) -> str:
        return f"client:{self.client.client_id}"


class BearerToken(BaseAuthentication):
    """RFC 6750, in the header alone. A client that was disabled a moment ago is nobody."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="hms-ach"'

    def authenticate(self, request: Request) -> tuple[Caller, Mapping[str, Any]] | None:
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        claims = _claims_of(raw.strip())
        _require_certificate(claims, thumbprint_of(request._request))
        client = Client.objects.filter(client_id=claims["client_id"], is_active=True).first()
        if client is None:
            raise AuthenticationFailed("This client may not call any more.", "client_disabled")
        if not comes_from_its_network(client, request._request):
            raise AuthenticationFailed("This client may not call from here.", "invalid_token")
        return Caller(client), claims


class HasScope(BasePermission):
    """The view names one scope for each method; a method it does not name is nobody's."""

    code = "insufficient_scope"
    message = "The token lacks the scope this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller: object = request.user
        claims: Any = request.auth
        if not isinstance(caller, Caller):
            return False
        needed = getattr(view, "scopes", {}).get(request.method)
        # A scope taken from the client counts at once, whatever an older token says.
        return needed in str(claims["scope"]).split() and needed in caller.client.scopes


def _claims_of(raw: str) -> Mapping[str, Any]:
    try:
        kid = str(extract_compact(raw.encode()).headers().get("kid", ""))
        token = jwt.decode(raw, known_keys(kid), algorithms=[ALGORITHM])
        REGISTRY.validate(token.claims)
    except (JoseError, ValueError) as problem:
        raise AuthenticationFailed(
            "The token is not good (any more).", "invalid_token"
        ) from problem
    if token.header.get("typ") != "at+jwt":
        raise AuthenticationFailed("That is no access token.", "invalid_token")
    claims: Mapping[str, Any] = token.claims
    return claims


def _require_certificate(claims: Mapping[str, Any], shown: str) -> None:
    """What is bound to a certificate is good beside it alone; what moves money has to be bound."""
    bound = claims.get("cnf", {}).get("x5t#S256", "")
    if bound and bound != shown:
        raise AuthenticationFailed("The token belongs to another certificate.", "invalid_token")
    moves = {Scope.WRITE.value, Scope.RECON.value} & set(str(claims.get("scope", "")).split())
    if settings.API_REQUIRE_BOUND and moves and not bound:
        raise AuthenticationFailed("The token has to be bound to a certificate.", "invalid_token")
