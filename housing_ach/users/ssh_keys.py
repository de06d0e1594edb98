"""The keys with which programs bring files: registered by one person, approved by another."""

from datetime import datetime

import asyncssh

from housing_ach.users.clients import BadClient, NotTheSecondPerson, may_call_from
from housing_ach.users.models import Client, SshKey, User

ALGORITHMS = frozenset(
    {
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-rsa",
    }
)
RSA_BITS = 3072
FIELD = "ssh_key"


def add_ssh_key(client: Client, *, line: str, by: User, at: datetime) -> SshKey:
    """`line` is a public key as OpenSSH writes it. Adding it again gives the same. Raises BadClient."""
    key = _public(line)
    row, _ = SshKey.objects.get_or_create(
        client=client,
        fingerprint=key.get_fingerprint(),
        defaults={"line": written(key), "made_by": by, "made_at": at},
    )
    return row


def approve_ssh_key(key: SshKey, *, by: User, at: datetime) -> None:
    """It opens the door from now on. Approving again does nothing. Raises NotTheSecondPerson."""
    if by == key.made_by:
        raise NotTheSecondPerson(
            f"ssh_key: {key} was registered by you; somebody else approves it", field=FIELD
        )
    SshKey.objects.filter(pk=key.pk, approved_by=None).update(approved_by=by, approved_at=at)
    key.refresh_from_db()


def remove_ssh_key(key: SshKey) -> None:
    """It opens no session any more."""
    SshKey.objects.filter(pk=key.pk).delete()


def may_open(client_id: str, key: asyncssh.SSHKey, *, address: str) -> bool:
    """Whether this key is a usable one of this client, as things stand now, from where it calls."""
    client = Client.objects.filter(client_id=client_id).first()
    if client is None:
        return False
    usable = SshKey.objects.usable().filter(client=client, fingerprint=key.get_fingerprint())
    return any(row.line == written(key) for row in usable) and may_call_from(client, address)


def written(key: asyncssh.SSHKey) -> str:
    kind, data = key.export_public_key().decode().split()[:2]
    return f"{kind} {data}"


def _public(line: str) -> asyncssh.SSHKey:
    """What was given is not told again: it may be a private key."""
    if line.partition(" ")[0] not in ALGORITHMS:
        raise BadClient("ssh_key: a public Ed25519, ECDSA or RSA key in one line", field=FIELD)
    try:
        key = asyncssh.import_public_key(line.strip())
    except (asyncssh.KeyImportError, ValueError) as problem:
        raise BadClient("ssh_key: not a public key as OpenSSH writes it", field=FIELD) from problem
    if key.get_algorithm() == "ssh-rsa" and _bits(key) < RSA_BITS:
        raise BadClient(f"ssh_key: an RSA key has at least {RSA_BITS} bits", field=FIELD)
    return key


def _bits(key: asyncssh.SSHKey) -> int:
    return int(getattr(key.pyca_key, "key_size", 0))
