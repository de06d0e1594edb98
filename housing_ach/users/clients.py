"""Programs that call the API: registered by one person, approved by another."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import Any

from django.db.models import Q
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from housing_ach.shared.problems import Refusal
from housing_ach.users.models import Client, User
from housing_ach.users.states import ClientAuth, Scope

SECRET_BYTES = 32
KEY_TYPES = frozenset({"EC", "RSA"})


class BadClient(Refusal):
    """What was given does not make a client."""


class NotTheSecondPerson(Refusal):
    """Whoever registered a client does not approve it (four eyes)."""


class NotApproved(Refusal):
    """Nobody approved this client yet."""


@dataclass(frozen=True)
class Proof:
    """How a client proves who it is: its public keys, the certificates it may show, or a secret.

    Thumbprints may come with when each certificate ends (`proofs.thumbprints_of`).
    """

    method: str
    jwks: Mapping[str, Any] = field(default_factory=dict)
    thumbprints: Sequence[str] | Mapping[str, datetime] = ()


def register_client(
    *,
    name: str,
    scopes: Sequence[str],
    proof: Proof,
    by: User,
    at: datetime,
    networks: Sequence[str] = (),
) -> tuple[Client, str]:
    """The client and its secret, which nobody is told again; empty where it proves itself otherwise.

    Raises BadClient.
    """
    if not scopes or not set(scopes) <= set(Scope.values):
        raise BadClient(f"scopes: {', '.join(scopes) or 'none'} are not scopes", field="scopes")
    if proof.method == ClientAuth.KEY:
        require_public(proof.jwks)
    if proof.method == ClientAuth.CERTIFICATE and not proof.thumbprints:
        raise BadClient("thumbprints: name the certificate it shows", field="thumbprints")
    secret = new_secret() if proof.method == ClientAuth.SECRET else ""
    client = Client.objects.create(
        client_id=f"c_{secrets.token_hex(8)}",
        name=name,
        scopes=sorted(set(scopes)),
        auth_method=ClientAuth(proof.method),
        secret_hash=hash_of(secret) if secret else "",
        jwks=dict(proof.jwks),
        thumbprints=list(proof.thumbprints),
        certificate_ends=ends_of(proof.thumbprints),
        networks=known_networks(networks),
        made_by=by,
        made_at=at,
    )
    return client, secret


def approve_client(client: Client, *, by: User, at: datetime) -> None:
    """It may ask for tokens from now on. Approving again does nothing. Raises NotTheSecondPerson."""
    if by == client.made_by:
        raise NotTheSecondPerson(
            f"client: {client} was registered by you; somebody else approves it", field="client"
        )
    Client.objects.filter(pk=client.pk, approved_by=None).update(
        approved_by=by, approved_at=at, is_active=True
    )
    client.refresh_from_db()


def disable_client(client: Client) -> None:
    """No token of it is taken from now on, also none it has already."""
    Client.objects.filter(pk=client.pk).update(is_active=False)
    client.refresh_from_db()


def enable_client(client: Client) -> None:
    """Raises NotApproved."""
    if client.approved_by_id is None:
        raise NotApproved(f"client: {client} waits for its approval", field="client")
    Client.objects.filter(pk=client.pk).update(is_active=True)
    client.refresh_from_db()


def ends_of(thumbprints: Sequence[str] | Mapping[str, datetime]) -> dict[str, str]:
    """As it is kept: ISO 8601."""
    known = thumbprints if isinstance(thumbprints, Mapping) else {}
    return {name: ends_at.isoformat() for name, ends_at in known.items()}


def hash_of(secret: str) -> str:
    """Of 256 random bits: nothing to guess, so that a slow hash would only slow every token."""
    return sha256(secret.encode()).hexdigest()


def has_secret(client: Client, secret: str, *, at: datetime) -> bool:
    """Its own, or the one before for as long as both count."""
    shown = hash_of(secret)
    if not client.secret_hash or compare_digest(client.secret_hash, shown):
        return bool(client.secret_hash)
    before = client.proof_changes.filter(~Q(replaced_hash=""), replaced_ends_at__gt=at)
    hashes = before.values_list("replaced_hash", flat=True)
    return any(compare_digest(replaced, shown) for replaced in hashes)


def set_networks(client: Client, networks: Sequence[str]) -> None:
    """Where it may call from; none: from anywhere. Raises BadClient."""
    Client.objects.filter(pk=client.pk).update(networks=known_networks(networks))
    client.refresh_from_db()


def may_call_from(client: Client, address: str) -> bool:
    if not client.networks:
        return True
    try:
        # A socket that takes both families shows an IPv4 caller as ::ffff:192.0.2.7.
        given = ip_address(address)
        caller = getattr(given, "ipv4_mapped", None) or given
    except ValueError:
        return False
    return any(caller in ip_network(network) for network in client.networks)


def known_networks(networks: Sequence[str]) -> list[str]:
    """As they are compared: `10.0.0.0/8`, `192.0.2.7/32`. Raises BadClient."""
    try:
        return sorted({str(ip_network(network.strip())) for network in networks})
    except ValueError as problem:
        raise BadClient(f"networks: {problem}", field="networks") from problem


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def require_public(jwks: Mapping[str, Any]) -> None:
    """Raises BadClient."""
    try:
        keys = KeySet.import_key_set({"keys": jwks["keys"]}).keys
    except (JoseError, ValueError, KeyError, TypeError) as problem:
        raise BadClient("jwks: not a set of public keys (RFC 7517)", field="jwks") from problem
    if not keys or any(key.key_type not in KEY_TYPES or key.is_private for key in keys):
        raise BadClient("jwks: only public EC or RSA keys", field="jwks")
