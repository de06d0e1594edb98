"""The client's certificate, as whoever ended the connection saw it: the proxy in front, or we ourselves.

A header is believed only beside the proxy's own secret, and is gone before any view looks. Where
gunicorn ended the connection itself nobody stands in front: there every such header is a lie. The
thumbprint is made here from the certificate itself (RFC 8705 3.1).
"""

import ssl
from collections.abc import Callable, MutableMapping
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from housing_ach.users import proofs

PROXY, ADDRESS = "HTTP_X_PROXY_AUTH", "HTTP_X_REAL_IP"
VERIFIED, CERTIFICATE = "HTTP_X_TLS_CLIENT_VERIFY", "HTTP_X_TLS_CLIENT_CERT"
FORWARDED = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST")
# No header of a request can have these names.
PLACE, SOCKET = "hms.client_thumbprint", "gunicorn.socket"


class NotOurProxy(Exception):
    """Somebody speaks as a proxy would. The message is shown to it."""


class ClientCertificateMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        meta.pop(PLACE, None)
        try:
            shown = _on_the_line(meta) if _ended_here(meta) else _by_the_proxy(meta)
        except NotOurProxy as problem:
            return HttpResponseBadRequest(str(problem))
        except ValueError:
            return HttpResponseBadRequest("The certificate cannot be read.")
        if shown:
            meta[PLACE] = shown
        return self.get_response(request)


def thumbprint(pem: str) -> str:
    """Raises ValueError."""
    return proofs.thumbprint(x509.load_pem_x509_certificate(pem.encode()))


def thumbprint_of(request: HttpRequest) -> str:
    """Of the certificate the client showed; empty where it showed none that holds."""
    return str(request.META.get(PLACE, ""))


def _ended_here(meta: MutableMapping[str, Any]) -> bool:
    return isinstance(meta.get(SOCKET), ssl.SSLSocket)


def _on_the_line(meta: MutableMapping[str, Any]) -> str:
    """gunicorn let nobody in without one. Raises NotOurProxy."""
    told = [meta.pop(name, "") for name in (PROXY, ADDRESS, VERIFIED, CERTIFICATE, *FORWARDED)]
    if any(told):
        raise NotOurProxy("Nobody stands in front of this process.")
    der = meta[SOCKET].getpeercert(binary_form=True)
    return proofs.thumbprint(x509.load_der_x509_certificate(der)) if der else ""


def _by_the_proxy(meta: MutableMapping[str, Any]) -> str:
    """Also the caller's address: on a unix socket there is none of its own. Raises NotOurProxy."""
    secret, address = meta.pop(PROXY, ""), meta.pop(ADDRESS, "")
    verified, pem = meta.pop(VERIFIED, ""), meta.pop(CERTIFICATE, "")
    ours = bool(settings.PROXY_SECRET) and compare_digest(
        secret.encode(), settings.PROXY_SECRET.encode()
    )
    if (verified or pem) and not ours:
        raise NotOurProxy("Headers of a proxy that is not ours.")
    if ours and address:
        meta["REMOTE_ADDR"] = address
    return thumbprint(unquote(pem)) if verified == "SUCCESS" else ""
