"""The keys that wrap the data keys, as files; `python -m housing_ach.vault.keys DIR` makes them.

Plain Python without Django: settings need the secret key before Django is there. A key-management
service or an HSM is another class with the same methods.
"""

import argparse
import hashlib
import hmac
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from housing_ach.shared.problems import Refusal

MONEY, SERVICE = "money", "service"
RINGS = (MONEY, SERVICE)
RSA_BITS = 3072
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class CannotOpen(Refusal):
    """The secret, or the key it needs, is not to be had here; says which, never what is inside."""


class KeyProvider(Protocol):
    """Wraps and unwraps data keys, and signs for the blind index, without showing its keys."""

    def current(self, ring: str) -> str:
        """Id of the ring's newest wrapping key."""

    def wrap(self, key_id: str, data_key: bytes) -> bytes:
        """Needs the public half alone."""

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Raises CannotOpen where the private half is not at hand."""

    def index_keys(self) -> list[str]:
        """Ids of the blind index's keys, newest first."""

    def sign(self, key_id: str, message: bytes) -> bytes:
        """HMAC-SHA256."""


class FileKeys:
    """Keys in one folder: `<ring>-0001.pub.pem`, `<ring>-0001.pem` and `fingerprint-0001.key`.

    The highest number is the newest. A host that must not open money holds no `money-*.pem`.
    """

    def __init__(self, folder: Path, *, closed: frozenset[str] = frozenset()) -> None:
        self.folder = folder
        self.closed = closed

    def __repr__(self) -> str:
        return f"FileKeys({self.folder})"

    def current(self, ring: str) -> str:
        return self._newest(f"{ring}-*.pub.pem", ring)[0]

    def wrap(self, key_id: str, data_key: bytes) -> bytes:
        try:
            key = serialization.load_pem_public_key(self._read(key_id, ".pub.pem"))
        except ValueError:
            key = None
        if not isinstance(key, rsa.RSAPublicKey):
            raise CannotOpen(f"key {key_id}: is no RSA key")
        return key.encrypt(data_key, OAEP)

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        if key_id.rpartition("-")[0] in self.closed:
            raise CannotOpen(f"key {key_id}: this process seals but does not open")
        key = _private_key(self._read(key_id, ".pem"))
        if key is None:
            raise CannotOpen(f"key {key_id}: is no RSA key")
        try:
            return key.decrypt(wrapped, OAEP)
        except ValueError:
            raise CannotOpen(f"key {key_id}: did not wrap this data key") from None

    def index_keys(self) -> list[str]:
        return self._newest("fingerprint-*.key", "fingerprint")

    def sign(self, key_id: str, message: bytes) -> bytes:
        return hmac.digest(self._read(key_id, ".key"), message, hashlib.sha256)

    def _newest(self, pattern: str, name: str) -> list[str]:
        found = sorted(
            (path.name.split(".")[0] for path in self.folder.glob(pattern)), reverse=True
        )
        if not found:
            raise CannotOpen(f"{name}: no key in {self.folder}; run vault_init")
        return found

    def _read(self, key_id: str, suffix: str) -> bytes:
        try:
            return (self.folder / f"{key_id}{suffix}").read_bytes()
        except OSError as error:
            raise CannotOpen(f"key {key_id}: {error.strerror}") from None


@lru_cache(maxsize=8)
def _private_key(pem: bytes) -> rsa.RSAPrivateKey | None:
    """Proving the numbers of a key takes longer than all else: once for what a file holds."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        return None
    return key if isinstance(key, rsa.RSAPrivateKey) else None


def add_pair(folder: Path, ring: str) -> str:
    """A new wrapping key for the ring, which becomes the current one; the old ones stay."""
    taken = [int(path.name[len(ring) + 1 : -8]) for path in folder.glob(f"{ring}-*.pub.pem")]
    key_id = f"{ring}-{max(taken, default=0) + 1:04}"
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # The private half first: a public one alone would seal what nobody can open.
    if not _keep(folder / f"{key_id}.pem", private):
        raise CannotOpen(f"key {key_id}: somebody else is making it now")
    _keep(folder / f"{key_id}.pub.pem", public)
    return key_id


def make_missing(folder: Path) -> list[str]:
    """Every key that is not there yet, readable by its owner alone; names those made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    if _keep(folder / "secret_key", secrets.token_urlsafe(48).encode()):
        made.append("secret_key")
    if not any(folder.glob("fingerprint-*.key")):
        _keep(folder / "fingerprint-0001.key", secrets.token_bytes(32))
        made.append("fingerprint-0001")
    made += [add_pair(folder, ring) for ring in RINGS if not any(folder.glob(f"{ring}-*.pub.pem"))]
    return made


def _keep(path: Path, content: bytes) -> bool:
    """Write the whole file or nothing, and never over another; True if it was written."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        return False
    finally:
        Path(name).unlink()
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m housing_ach.vault.keys")
    parser.add_argument("folder", type=Path)
    make_missing(parser.parse_args().folder)


if __name__ == "__main__":
    main()
