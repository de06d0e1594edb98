"""The client's certificate, as the proxy that ended the connection saw it.

A header is believed only beside the proxy's own secret, and is gone before any view looks. The
thumbprint is made here from the certificate itself (RFC 8705 3.1).
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

PROXY = "HTTP_X_PROXY_AUTH"
VERIFIED, CERTIFICATE = "HTTP_X_TLS_CLIENT_VERIFY", "HTTP_X_TLS_CLIENT_CERT"
# No header of a request can have this name.
PLACE = "hms.client_thumbprint"


class ClientCertificateMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        secret = meta.pop(PROXY, "")
        verified, pem = meta.pop(VERIFIED, ""), meta.pop(CERTIFICATE, "")
        meta.pop(PLACE, None)
        if verified or pem:
            if not settings.PROXY_SECRET or not compare_digest(
                secret.encode(), settings.PROXY_SECRET.encode()
            ):
                return HttpResponseBadRequest("Headers of a proxy that is not ours.")
            if verified == "SUCCESS":
                try:
                    meta[PLACE] = thumbprint(unquote(pem))
                except ValueError:
                    return HttpResponseBadRequest("The certificate cannot be read.")
        return self.get_response(request)


def thumbprint(pem: str) -> str:
    """SHA-256 of the DER certificate, base64url without padding. Raises ValueError."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode()


def thumbprint_of(request: HttpRequest) -> str:
    """Of the certificate the client showed; empty where it showed none that holds."""
    return str(request.META.get(PLACE, ""))
