"""A program that calls: its proofs, its tokens, its certificate."""

import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey

from housing_ach.api.certificates import thumbprint
from housing_ach.users.clients import Proof, approve_client, register_client
from housing_ach.users.models import Client
from housing_ach.users.states import ClientAuth, Scope
from tests.factories import AT, UserFactory

TOKEN = "/oauth/token"
PROXY_SECRET = "a secret of the proxy alone"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def registered(
    *, method: str = ClientAuth.SECRET, scopes: tuple[str, ...] = (Scope.READ,), **proof: Any
) -> tuple[Client, str]:
    client, secret = register_client(
        name="Ledger sync",
        scopes=scopes,
        proof=Proof(method, **proof),
        by=UserFactory(),
        at=AT,
    )
    approve_client(client, by=UserFactory(), at=AT)
    return client, secret


def basic(client: Client, secret: str) -> dict[str, str]:
    pair = b64encode(f"{client.client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def ask(form: Mapping[str, str] | None = None, **more: Any) -> Any:
    return Browser().post(TOKEN, {"grant_type": "client_credentials"} | dict(form or {}), **more)


def token_of(client: Client, secret: str, form: Mapping[str, str] | None = None) -> str:
    answer = ask(form, headers=basic(client, secret))
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def proof_of(client: Client, key: Any, *, alg: str = "ES256", **claims: Any) -> dict[str, str]:
    """An assertion of RFC 7523 by the client's own key; other claims, or less (None), as a test wants."""
    now = int(time.time())
    said = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": settings.API_ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": uuid4().hex,
    } | claims
    said = {name: value for name, value in said.items() if value is not None}
    header = {"alg": alg} | ({"kid": key.kid} if getattr(key, "kid", None) else {})
    return {
        "client_assertion_type": JWT_BEARER,
        "client_assertion": jwt.encode(header, said, key, algorithms=[alg]),
        "client_id": client.client_id,
    }


def own_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


def public(key: ECKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False)]}


def certificate(name: str = "erp.example.org") -> str:
    """PEM, of a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def showing(pem: str, secret: str = PROXY_SECRET) -> dict[str, str]:
    """What the proxy adds for a client that showed this certificate."""
    return {
        "X-Proxy-Auth": secret,
        "X-TLS-Client-Verify": "SUCCESS",
        "X-TLS-Client-Cert": quote(pem),
    }


def print_of(pem: str) -> str:
    return thumbprint(pem)
