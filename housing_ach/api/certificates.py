"""The client's certificate, as the proxy that ended the connection saw it.

A header is believed only beside the proxy's own secret, and is gone before any view looks. The
thumbprint is made here from the certificate itself (RFC 8705 3.1).
"""

from collections.abc import Callable
from hmac import compare_digest
from urllib.parse import unquote

from cryptography import x509
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from housing_ach.users import proofs

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
    """Raises ValueError."""
    return proofs.thumbprint(x509.load_pem_x509_certificate(pem.encode()))


def thumbprint_of(request: HttpRequest) -> str:
    """Of the certificate the client showed; empty where it showed none that holds."""
    return str(request.META.get(PLACE, ""))
