"""The token endpoint: client credentials alone (RFC 6749 4.4), tokens as RFC 9068 has them.

How a client may prove itself is fixed with the client: secret, own key (RFC 7523), certificate
(RFC 8705 2). A token asked for with a certificate is bound to it (RFC 8705 3).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidScopeError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from django.conf import settings
from django.db import IntegrityError, transaction
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from housing_ach.api import door
from housing_ach.api.certificates import thumbprint_of
from housing_ach.api.keys import ALGORITHM, LIFE_SECONDS, signing_key
from housing_ach.api.models import UsedAssertion
from housing_ach.clock.services import now, wall_time
from housing_ach.users.clients import has_secret, may_call_from
from housing_ach.users.models import Client
from housing_ach.users.states import ClientAuth

PROOFS = [ClientAuth.SECRET.value, ClientAuth.KEY.value, ClientAuth.CERTIFICATE.value]
# No other algorithm is looked at, so that none can be confused with another (RFC 8725 3.1).
ASSERTION_ALGORITHMS = ["ES256", "PS256"]
# A proof is for now: one that lives longer is refused.
MOST_SECONDS = 300
JTI = 128


class OAuthClient(ClientMixin):  # type: ignore[misc]  # untyped package
    """A client as the library asks for one."""

    def __init__(self, row: Client) -> None:
        self.row = row
        self.thumbprint = ""

    def get_client_id(self) -> str:
        return self.row.client_id

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(one for one in scope.split() if one in self.row.scopes)

    def check_client_secret(self, client_secret: str) -> bool:
        return has_secret(self.row, client_secret, at=now())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return self.row.auth_method == method

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == ClientCredentials.GRANT_TYPE)


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]  # untyped package
    TOKEN_ENDPOINT_AUTH_METHODS = PROOFS

    def validate_requested_scope(self) -> None:
        """All of the client's scopes where it names none; never one it does not have."""
        client: OAuthClient = self.request.client
        if not may_call_from(client.row, door.address_of(self.request._request)):
            raise InvalidClientError(description=f"{door.ELSEWHERE}.", status_code=401)
        asked = set((self.request.payload.scope or "").split()) or set(client.row.scopes)
        if not asked <= set(client.row.scopes):
            raise InvalidScopeError
        self.request.payload.data["scope"] = " ".join(sorted(asked))
        client.thumbprint = thumbprint_of(self.request._request)


class Tokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # untyped package
    def get_jwks(self) -> KeySet:
        """A set, though of one: only then its `kid` stands in the token."""
        return KeySet([signing_key(at=wall_time())])

    def get_audiences(self, client: OAuthClient, user: None, scope: str) -> str:
        return settings.API_AUDIENCE

    def get_extra_claims(
        self, client: OAuthClient, grant_type: str, user: None, scope: str
    ) -> dict[str, Any]:
        return {"cnf": {"x5t#S256": client.thumbprint}} if client.thumbprint else {}

    def _get_expires_in(self, client: OAuthClient, grant_type: str) -> int:
        return LIFE_SECONDS


class OwnKey(JWTBearerClientAssertion):  # type: ignore[misc]  # untyped package
    CLIENT_AUTH_METHOD = ClientAuth.KEY.value

    def get_audiences(self) -> list[str]:
        """The issuer alone: a proof made for another server is none here."""
        return [settings.API_ISSUER]

    def resolve_client_public_key(self, client: OAuthClient) -> KeySet:
        return KeySet.import_key_set(client.row.jwks)

    def process_assertion_claims(self, assertion: str, key: KeySet) -> dict[str, Any]:
        try:
            proof = jwt.decode(assertion, key, algorithms=ASSERTION_ALGORITHMS)
        except (JoseError, ValueError) as problem:
            raise InvalidClientError(description="The assertion cannot be verified.") from problem
        self.verify_claims(proof.claims)
        if proof.claims["exp"] > wall_time().timestamp() + MOST_SECONDS:
            raise InvalidClientError(description="The assertion lives too long.")
        claims: dict[str, Any] = proof.claims
        return claims

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        if not isinstance(jti, str) or not 0 < len(jti) <= JTI:
            return False
        client = Client.objects.filter(client_id=claims["sub"]).first()
        if client is None:
            return False
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        try:
            with transaction.atomic():
                UsedAssertion.objects.create(client=client, jti=jti, expires_at=expires_at)
        except IntegrityError:
            return False
        return True


def by_certificate(
    query_client: Callable[[str], OAuthClient | None], request: Any
) -> OAuthClient | None:
    """The certificate itself was checked where the connection ended; here it has to be the client's."""
    client = query_client(request.form.get("client_id") or "")
    shown = thumbprint_of(request._request)
    return client if client and shown and shown in client.row.thumbprints else None


class Server(AuthorizationServer):  # type: ignore[misc]  # untyped package
    def query_client(self, client_id: str) -> OAuthClient | None:
        row = Client.objects.filter(client_id=client_id, is_active=True).first()
        return OAuthClient(row) if row else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Tokens say all there is to know; none is kept."""
        door.let_in(request.client.row, request._request)

    def handle_error_response(self, request: Any, error: Any) -> Any:
        why = error.get_error_description() or error.error
        door.turned_away(request._request, request.headers, str(why).rstrip("."))
        return super().handle_error_response(request, error)


def make_server() -> Server:
    made = Server(OAuthClient, None)
    made.register_grant(ClientCredentials)
    made.register_client_auth_method(ClientAuth.KEY.value, OwnKey())
    made.register_client_auth_method(ClientAuth.CERTIFICATE.value, by_certificate)
    made.register_token_generator(
        ClientCredentials.GRANT_TYPE, Tokens(issuer=settings.API_ISSUER, alg=ALGORITHM)
    )
    return made


def sweep(*, at: datetime) -> int:
    """Proofs that are over cannot be shown again anyway."""
    return UsedAssertion.objects.filter(expires_at__lt=at).delete()[0]
