"""Certificates, keys and authorities as PEM: read, judged, and given to whoever opens a connection.

TLS 1.2 or later (RFC 8996).
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography import x509
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from housing_ach.shared.problems import Refusal

PUBLIC = DEFAULT_CA_BUNDLE_PATH
MISMATCH = "KEY_VALUES_MISMATCH"


class BadCertificate(Refusal):
    """It is no certificate, not its key, not yet valid, or over."""


def ends_of(pem: str, *, field: str = "certificate") -> datetime:
    """Of the first of them that ends. Raises BadCertificate."""
    return min(one.not_valid_after_utc for one in _certificates(pem, field))


def require_identity(pem: str, *, at: datetime) -> datetime:
    """A certificate, its own key without a password, and whoever stands between it and its authority.

    Returns when the first of them ends. Raises BadCertificate.
    """
    ends_at = _good_now(pem, "identity", at)
    try:
        client_context(pem, "")
    except ssl.SSLError as problem:
        why = "its key is missing, has a password, or is too weak"
        if problem.reason == MISMATCH:
            why = "the key is another certificate's"
        raise BadCertificate(f"identity: {why}", field="identity") from None
    return ends_at


def require_authorities(pem: str, *, at: datetime) -> datetime:
    """Returns when the first of them ends. Raises BadCertificate."""
    return _good_now(pem, "authorities", at)


def client_context(identity: str, authorities: str) -> ssl.SSLContext:
    """To connect with. Without own authorities the public ones count, else they do not."""
    context = ssl.create_default_context(
        cafile=None if authorities else PUBLIC, cadata=authorities or None
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if identity:
        with as_file(identity) as path:
            # Else OpenSSL asks the terminal for one.
            context.load_cert_chain(path, password="")
    return context


@contextmanager
def as_file(text: str) -> Iterator[str]:
    """A path for libraries that want one; empty where there is no text.

    It is in memory and this process's own: whoever dies meanwhile leaves no key on a disk.
    """
    if not text:
        yield ""
        return
    with open(os.memfd_create("pem"), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"


def _certificates(pem: str, field: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise BadCertificate(f"{field}: holds no certificate (PEM)", field=field) from None


def _good_now(pem: str, field: str, at: datetime) -> datetime:
    if any(one.not_valid_before_utc > at for one in _certificates(pem, field)):
        raise BadCertificate(f"{field}: is not valid yet", field=field)
    ends_at = ends_of(pem, field=field)
    if ends_at <= at:
        raise BadCertificate(f"{field}: is not valid any more", field=field)
    return ends_at
