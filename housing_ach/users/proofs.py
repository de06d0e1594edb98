"""A client's secret, keys, certificates and scopes change as it was let in: one person asks, another approves.

Old and new count side by side, so that a program changes over without a pause: an old secret for
OVERLAP, old keys and certificates until they are taken away.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from housing_ach.shared.problems import Refusal
from housing_ach.users.clients import (
    BadClient,
    NotApproved,
    NotTheSecondPerson,
    ends_of,
    hash_of,
    new_secret,
    require_public,
)
from housing_ach.users.models import Client, ProofChange, User
from housing_ach.users.states import ClientAuth, Scope

OVERLAP = timedelta(hours=24)
# Of a secret, key or certificate: then it is time for another one.
OLD = timedelta(days=90)


class AlreadyWaiting(Refusal):
    """Another change of this client's proof waits for its approval."""


class NothingWaits(Refusal):
    """The change was approved or dropped meanwhile."""


class LastProof(Refusal):
    """Without it the client could not prove who it is."""


@transaction.atomic
def ask_for_secret(client: Client, *, by: User, at: datetime) -> tuple[ProofChange, str]:
    """The secret is told nobody again, and counts from its approval on.

    Raises BadClient, NotApproved or AlreadyWaiting.
    """
    if client.auth_method != ClientAuth.SECRET:
        raise BadClient(f"client: {client} has no secret", field="secret")
    secret = new_secret()
    return _ask(client, ProofChange(secret_hash=hash_of(secret), made_by=by, made_at=at)), secret


@transaction.atomic
def ask_for_keys(client: Client, jwks: Mapping[str, Any], *, by: User, at: datetime) -> ProofChange:
    """Raises BadClient, NotApproved or AlreadyWaiting."""
    require_public(jwks)
    named = [str(key.get("kid", "")) for key in jwks["keys"]]
    held = set(kids_of(client.jwks))
    if client.auth_method != ClientAuth.KEY or not all(named) or held & set(named):
        raise BadClient("jwks: each key has a kid of its own (RFC 7517 4.5)", field="jwks")
    return _ask(client, ProofChange(jwks=dict(jwks), made_by=by, made_at=at))


@transaction.atomic
def ask_for_certificates(
    client: Client,
    thumbprints: Sequence[str] | Mapping[str, datetime],
    *,
    by: User,
    at: datetime,
) -> ProofChange:
    """Raises BadClient, NotApproved or AlreadyWaiting."""
    new = [one for one in thumbprints if one not in client.thumbprints]
    if client.auth_method != ClientAuth.CERTIFICATE or not new:
        raise BadClient("thumbprints: the client has it already", field="thumbprints")
    change = ProofChange(thumbprints=new, made_by=by, made_at=at)
    change.certificate_ends = ends_of(thumbprints)
    return _ask(client, change)


@transaction.atomic
def ask_for_scopes(client: Client, scopes: Sequence[str], *, by: User, at: datetime) -> ProofChange:
    """`scopes` are all it may have then. Raises BadClient, NotApproved or AlreadyWaiting."""
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise BadClient("scopes: choose what the client may do", field="scopes")
    if wanted == sorted(client.scopes):
        raise BadClient("scopes: the client may do that already", field="scopes")
    return _ask(client, ProofChange(scopes=wanted, made_by=by, made_at=at))


@transaction.atomic
def approve_change(change: ProofChange, *, by: User, at: datetime) -> None:
    """Raises NotTheSecondPerson or NothingWaits. A disabled client has no overlap."""
    if by == change.made_by:
        raise NotTheSecondPerson(
            "proof: was asked for by you; somebody else approves it", field="proof"
        )
    client = Client.objects.select_for_update().get(pk=change.client_id)
    row = ProofChange.objects.waiting().filter(pk=change.pk).first()
    if row is None:
        raise NothingWaits("proof: waits for nobody any more", field="proof")
    row.approved_by, row.approved_at = by, at
    row.save(update_fields=["approved_by", "approved_at"])
    if row.scopes:
        client.scopes = row.scopes
        client.save(update_fields=["scopes"])
    else:
        _prove_anew(client, row, at=at)


def _prove_anew(client: Client, row: ProofChange, *, at: datetime) -> None:
    if row.secret_hash:
        row.replaced_hash = client.secret_hash
        row.replaced_ends_at = at + OVERLAP if client.is_active else at
        client.secret_hash = row.secret_hash
        row.save(update_fields=["replaced_hash", "replaced_ends_at"])
    keys = [*client.jwks.get("keys", []), *row.jwks.get("keys", [])]
    client.jwks = {"keys": keys} if keys else {}
    client.thumbprints = [*client.thumbprints, *row.thumbprints]
    client.certificate_ends |= row.certificate_ends
    client.proved_at = at
    client.save(
        update_fields=["secret_hash", "jwks", "thumbprints", "certificate_ends", "proved_at"]
    )


def drop_change(change: ProofChange, *, at: datetime) -> None:
    """It never counts. Raises NothingWaits."""
    if not ProofChange.objects.waiting().filter(pk=change.pk).update(dropped_at=at):
        raise NothingWaits("proof: waits for nobody any more", field="proof")


@transaction.atomic
def remove_proof(client: Client, name: str) -> None:
    """A key by its kid, or a certificate by its thumbprint: it counts no more, at once.

    Raises BadClient or LastProof.
    """
    row = Client.objects.select_for_update().get(pk=client.pk)
    if name not in {*row.thumbprints, *kids_of(row.jwks)}:
        raise BadClient("proof: the client has no such key or certificate", field="proof")
    keys = [key for key in row.jwks.get("keys", []) if key.get("kid") != name]
    prints = [one for one in row.thumbprints if one != name]
    if not keys and not prints:
        raise LastProof("proof: it is the client's last one", field="proof")
    row.jwks, row.thumbprints = ({"keys": keys} if keys else {}), prints
    row.save(update_fields=["jwks", "thumbprints"])
    client.refresh_from_db()


def proof_since(client: Client) -> datetime:
    """When the newest proof began to count."""
    return client.proved_at or client.approved_at or client.made_at


def kids_of(jwks: Mapping[str, Any]) -> list[str]:
    return [str(key.get("kid", "")) for key in jwks.get("keys", [])]


def thumbprints_of(pem: str, *, at: datetime) -> dict[str, datetime]:
    """Of each certificate in the text, and when it ends. Raises BadClient where there is none, or one is over."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as problem:
        raise BadClient("certificate: is no certificate (PEM)", field="certificate") from problem
    if any(one.not_valid_after_utc <= at for one in found):
        raise BadClient("certificate: is not valid any more", field="certificate")
    return {thumbprint(one): one.not_valid_after_utc for one in found}


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER, base64url without padding (RFC 8705 3.1)."""
    der = certificate.public_bytes(Encoding.DER)
    return urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode()


def _ask(client: Client, change: ProofChange) -> ProofChange:
    Client.objects.select_for_update().get(pk=client.pk)
    if client.approved_by_id is None:
        raise NotApproved(f"client: {client} waits for its approval", field="client")
    if client.proof_changes.waiting().exists():
        raise AlreadyWaiting(f"client: a change of {client} waits already", field="client")
    change.client = client
    change.save()
    return change
