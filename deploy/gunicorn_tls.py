# noqa: INP001 - gunicorn reads it by its path
"""The machine API on one box without a proxy: gunicorn itself asks each caller for its certificate.

    gunicorn housing_ach.wsgi --config deploy/gunicorn_tls.py

Its settings are the API_TLS_* of the environment (deploy/env.example).
"""

import ssl
from collections.abc import Callable
from typing import Any

from housing_ach import settings as site

bind = site.API_TLS_BIND
certfile, keyfile = site.API_TLS_CERTIFICATE, site.API_TLS_KEY
ca_certs, cert_reqs = site.API_TLS_CLIENT_CA, ssl.CERT_REQUIRED
# The handshake is made by a worker's thread: who is slow at it holds nobody else up.
do_handshake_on_connect = False
workers, threads, worker_class = int(site.env("WEB_CONCURRENCY", "2")), 4, "gthread"
preload_app = True
graceful_timeout = 10
# Nobody stands in front: no header says who calls, or that it was https.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
header_map = "drop"


def ssl_context(_config: Any, default_factory: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 or later (RFC 8996), a full handshake each time, and nobody who was taken back."""
    context = default_factory()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    if site.API_TLS_CLIENT_CRL:
        context.load_verify_locations(site.API_TLS_CLIENT_CRL)
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    return context
