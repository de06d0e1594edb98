"""Certificates, keys and authorities as PEM: read, judged, and given to whoever opens a connection.

TLS 1.2 or later (RFC 8996).
"""

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from housing_ach.shared.problems import Refusal


class BadCertificate(Refusal):
    """It is no certificate, not its key, or over."""


@dataclass(frozen=True)
class Files:
    """Where they are for the moment; empty: there is none. `identity` holds certificate and key."""

    identity: str
    authorities: str


def ends_of(pem: str, *, field: str = "certificate") -> datetime:
    """Of the first of them that ends. Raises BadCertificate."""
    return min(one.not_valid_after_utc for one in _certificates(pem, field))


def require_identity(pem: str, *, at: datetime) -> datetime:
    """A certificate, its own key without a password, and whoever stands between it and its authority.

    Returns when it ends. Raises BadCertificate.
    """
    first = _certificates(pem, "identity")[0]
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise BadCertificate(
            "identity: holds no key without a password (PEM)", field="identity"
        ) from None
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != first.public_key().public_bytes(*form):
        raise BadCertificate("identity: the key is another certificate's", field="identity")
    return _still_good(ends_of(pem, field="identity"), "identity", at)


def require_authorities(pem: str, *, at: datetime) -> datetime:
    """Returns when the first of them ends. Raises BadCertificate."""
    return _still_good(ends_of(pem, field="authorities"), "authorities", at)


@contextmanager
def as_files(identity: str, authorities: str) -> Iterator[Files]:
    """In a folder that is ours alone and is gone right after."""
    with tempfile.TemporaryDirectory(prefix="hms-tls-") as folder:
        yield Files(
            _written(Path(folder) / "identity.pem", identity),
            _written(Path(folder) / "authorities.pem", authorities),
        )


def client_context(identity: str, authorities: str, *, usual: str | None = None) -> ssl.SSLContext:
    """To connect with. Without own authorities the `usual` ones count (a file), else the system's."""
    context = ssl.create_default_context(
        cafile=None if authorities else usual, cadata=authorities or None
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if identity:
        with as_files(identity, "") as files:
            context.load_cert_chain(files.identity)
    return context


def _certificates(pem: str, field: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise BadCertificate(f"{field}: holds no certificate (PEM)", field=field) from None


def _still_good(ends_at: datetime, field: str, at: datetime) -> datetime:
    if ends_at <= at:
        raise BadCertificate(f"{field}: is not valid any more", field=field)
    return ends_at


def _written(path: Path, text: str) -> str:
    if not text:
        return ""
    with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    return str(path)
