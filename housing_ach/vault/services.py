"""Seals what must not be read: account numbers, bank files, signing keys.

AES-256-GCM under a data key, with a fresh 96-bit nonce and `token|ring|context` as associated
data, so a ciphertext moved to another row or used for another purpose does not open. One data key
serves a process for a day or 10,000 secrets, far below GCM's bound of 2^32 (SP 800-38D 8.3).
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from housing_ach.vault.keys import MONEY, CannotOpen, FileKeys, KeyProvider
from housing_ach.vault.models import DataKey, Secret

NONCE = 12
USES = 10_000
SECONDS = 24 * 60 * 60
CHUNK = 1000


class Sealer:
    """A data key in use for sealing."""

    def __init__(self, row: DataKey, data_key: bytes) -> None:
        self.pk = row.pk
        self.wrapped = row.wrapped
        self.cipher = AESGCM(data_key)
        self.left = USES
        self.until = time.monotonic() + SECONDS

    def __repr__(self) -> str:
        return f"Sealer(data key {self.pk})"

    @property
    def usable(self) -> bool:
        """A rollback may have taken the key's row away, a restore put another in its place: look."""
        fresh = self.left > 0 and time.monotonic() < self.until
        return fresh and DataKey.objects.filter(pk=self.pk, wrapped=self.wrapped).exists()


_sealers: dict[tuple[KeyProvider, str], Sealer] = {}


def provider() -> KeyProvider:
    closed = frozenset() if settings.VAULT_MONEY_PRIVATE else frozenset({MONEY})
    return _provider(settings.VAULT_KEY_DIR, closed)


@lru_cache(maxsize=8)
def _provider(folder: Path, closed: frozenset[str]) -> KeyProvider:
    return FileKeys(folder, closed=closed)


def seal(ring: str, plaintext: bytes, *, context: str) -> UUID:
    return seal_many(ring, [(plaintext, context)])[0]


def seal_many(ring: str, secrets: Iterable[tuple[bytes, str]]) -> list[UUID]:
    """Tokens in the order given; all are sealed or none."""
    given = list(secrets)
    with transaction.atomic():
        rows: list[Secret] = []
        for start in range(0, len(given), CHUNK):
            sealer = _sealer(ring)
            chunk = given[start : start + CHUNK]
            sealer.left -= len(chunk)
            rows += [_sealed(sealer, ring, plaintext, context) for plaintext, context in chunk]
        Secret.objects.bulk_create(rows, batch_size=CHUNK)
    return [row.token for row in rows]


def reveal(token: UUID, *, context: str) -> bytes:
    """The plaintext; CannotOpen where the key, the row or the context is not the right one."""
    return reveal_many({token: context})[token]


def reveal_many(contexts: Mapping[UUID, str]) -> dict[UUID, bytes]:
    """All are opened or CannotOpen names those that were not."""
    opened: dict[UUID, bytes] = {}
    ciphers = Ciphers()
    tokens = list(contexts)
    for start in range(0, len(tokens), CHUNK):
        found = Secret.objects.in_bulk(tokens[start : start + CHUNK])
        for token, row in found.items():
            opened[token] = ciphers.open(row, contexts[token])
    missing = [token for token in tokens if token not in opened]
    if missing:
        raise CannotOpen(f"secret {missing[0]}: not in the vault", field="token", ids=missing)
    return opened


def fingerprint(routing: str, number: str) -> tuple[str, bytes]:
    """Blind index of an account under the newest key: equal accounts, equal fingerprints."""
    return fingerprints(routing, number)[0]


def fingerprints(routing: str, number: str) -> list[tuple[str, bytes]]:
    """The same under every key, newest first: what a search for duplicates asks for."""
    keys = provider()
    message = f"{routing}|{number}".encode()
    return [(key_id, keys.sign(key_id, message)) for key_id in keys.index_keys()]


class Ciphers:
    """The data keys of one call, each unwrapped once."""

    def __init__(self) -> None:
        self.known: dict[int, AESGCM] = {}

    def open(self, row: Secret, context: str) -> bytes:
        sealed, bound = bytes(row.sealed), _bound(row.token, row.ring, context)
        try:
            return self._cipher(row.data_key_id).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
        except InvalidTag:
            reason = "was changed, or sealed for another use"
        except CannotOpen as refusal:
            reason = refusal.message
        raise CannotOpen(f"secret {row.token}: {reason}", field="token", ids=[row.token])

    def _cipher(self, pk: int) -> AESGCM:
        if pk not in self.known:
            data_key = DataKey.objects.get(pk=pk)
            plain = provider().unwrap(data_key.kek, bytes(data_key.wrapped))
            self.known[pk] = AESGCM(plain)
        return self.known[pk]


def broken_secrets() -> Iterator[tuple[UUID, str]]:
    """Opens every secret this role may read; those that do not open, and why."""
    ciphers = Ciphers()
    for row in Secret.objects.order_by("data_key_id").iterator(chunk_size=CHUNK):
        try:
            ciphers.open(row, row.context)
        except CannotOpen as refusal:
            yield row.token, refusal.message


def rewrap(ring: str) -> int:
    """Wraps the ring's data keys with its newest key. Secrets are not touched; safe to repeat.

    The old wrapping key opens nothing any more, but backups still need it.
    """
    keys = provider()
    newest = keys.current(ring)
    count = 0
    with transaction.atomic():
        for row in DataKey.objects.select_for_update().filter(ring=ring).exclude(kek=newest):
            plain = keys.unwrap(row.kek, bytes(row.wrapped))
            row.wrapped = keys.wrap(newest, plain)
            row.kek = newest
            row.save(update_fields=["kek", "wrapped"])
            count += 1
    return count


def _sealer(ring: str) -> Sealer:
    keys = provider()
    sealer = _sealers.get((keys, ring))
    if sealer is None or not sealer.usable:
        plain = AESGCM.generate_key(bit_length=256)
        kek = keys.current(ring)
        row = DataKey.objects.create(ring=ring, kek=kek, wrapped=keys.wrap(kek, plain))
        sealer = _sealers[keys, ring] = Sealer(row, plain)
    return sealer


def _sealed(sealer: Sealer, ring: str, plaintext: bytes, context: str) -> Secret:
    token, nonce = uuid4(), os.urandom(NONCE)
    sealed = nonce + sealer.cipher.encrypt(nonce, plaintext, _bound(token, ring, context))
    return Secret(token=token, ring=ring, context=context, data_key_id=sealer.pk, sealed=sealed)


def _bound(token: UUID, ring: str, context: str) -> bytes:
    return f"{token}|{ring}|{context}".encode()
