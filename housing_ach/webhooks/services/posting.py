"""One message over the wire: signed (Standard Webhooks), to a public address, no further than asked."""

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

from django.conf import settings
from requests import RequestException, Response
from requests_hardened import Config, HTTPSession, Manager
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from standardwebhooks import Webhook
from urllib3.exceptions import HTTPError

from housing_ach.shared.tls import client_context
from housing_ach.vault.keys import CannotOpen
from housing_ach.vault.lines import line_of
from housing_ach.webhooks.models import Delivery, Endpoint

CONNECT_SECONDS, READ_SECONDS = 3, 15
KEPT = 2048
PROBLEM = 100
LATEST = timedelta(hours=24)
NO_WAIT = timedelta()
# Of an answer: what helps to find out why. Cookies and tokens are not for keeping.
KEPT_HEADERS = (
    *("Content-Type", "Content-Length", "Date", "Location", "Retry-After", "Server"),
    *("Via", "X-Request-Id", "X-Correlation-Id", "Traceparent", "CF-Ray"),
)
HEADER = 200
SIGNATURE = "webhook-signature"


@dataclass(frozen=True)
class Answer:
    """`status` is None where nothing came; `wait` is what the other side asked for."""

    status: int | None
    took_ms: int
    problem: str = ""
    body: str = ""
    wait: timedelta = NO_WAIT
    sent: Mapping[str, str] = field(default_factory=dict)
    got: Mapping[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class OwnLineAdapter(IPFilterAdapter):  # type: ignore[misc]  # untyped package
    """The same address filter; the endpoint's own certificate and authorities, and no others."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(is_https_proto=True, allow_loopback=settings.WEBHOOK_ALLOW_LOOPBACK)
        self.context = context

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, pool | {"ssl_context": self.context}

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """In place of requests', which adds the public authorities to the context."""


class Sessions:
    """One for everybody, and one for each endpoint with a line of its own."""

    def __init__(self) -> None:
        self.common = new_session()
        self.own = dict[int, HTTPSession]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for session in (self.common, *self.own.values()):
            session.close()

    def to(self, endpoint: Endpoint) -> HTTPSession:
        """Raises CannotOpen."""
        if not (endpoint.identity or endpoint.authorities):
            return self.common
        if endpoint.pk not in self.own:
            line, session = line_of(endpoint), new_session()
            context = client_context(line.identity, line.authorities)
            session.mount("https://", OwnLineAdapter(context))
            self.own[endpoint.pk] = session
        return self.own[endpoint.pk]


def new_session() -> HTTPSession:
    """Public addresses alone, resolved once and connected to; redirects are answers like any other."""
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=settings.WEBHOOK_ALLOW_LOOPBACK,
        never_redirect=True,
        default_timeout=(CONNECT_SECONDS, READ_SECONDS),
        user_agent_override="HMS-ACH-Webhooks/1",
    )
    session = Manager(config).get_session()
    session.trust_env = False
    return session


def post(
    delivery: Delivery, secrets: Sequence[str], sessions: Sessions, *, signed_at: datetime
) -> Answer:
    """`signed_at` is by the clock on the wall, as whoever takes it in looks at theirs."""
    began = time.monotonic()
    body = delivery.body.encode()
    headers = signed(delivery.webhook_id, delivery.body, secrets, at=signed_at)
    sent = headers | {SIGNATURE: " ".join(["v1,…"] * len(secrets))}
    try:
        session = sessions.to(delivery.endpoint)
        response = session.post(delivery.address, data=body, headers=headers, stream=True)
        with response:
            text = _first(response, until=began + READ_SECONDS)
            wait = _wait(response.headers.get("Retry-After", ""), signed_at)
    except (RequestException, HTTPError, OSError, ValueError, CannotOpen) as problem:
        return Answer(None, _ms(began), type(problem).__name__[:PROBLEM], sent=sent)
    answer = Answer(response.status_code, _ms(began), "", text, wait)
    return replace(answer, sent=sent, got=_kept(response.headers))


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    found = {name: headers.get(name, "") for name in KEPT_HEADERS}
    return {name: _plain(value)[:HEADER] for name, value in found.items() if value}


def signed(webhook_id: str, body: str, secrets: Sequence[str], *, at: datetime) -> dict[str, str]:
    """One signature by each secret, so that either side of a rotation finds its own."""
    signatures = [Webhook(secret).sign(webhook_id, at, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        SIGNATURE: " ".join(signatures),
    }


def _first(response: Response, *, until: float) -> str:
    """The start of what came; who answers drop by drop is not waited for."""
    found = b""
    while len(found) < KEPT and time.monotonic() < until:
        piece = response.raw.read1(KEPT - len(found))
        if not piece:
            break
        found += piece
    return _plain(found.decode("utf-8", "replace"))


def _plain(text: str) -> str:
    """PostgreSQL keeps no NUL in a text."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _wait(asked: str, now: datetime) -> timedelta:
    """Retry-After in seconds or as a date (RFC 9110 10.2.3); what is neither is nothing."""
    try:
        found = timedelta(seconds=int(asked)) if asked.isdigit() else _until(asked, now)
    except (ValueError, TypeError, OverflowError):
        return NO_WAIT
    return min(max(found, NO_WAIT), LATEST)


def _until(asked: str, now: datetime) -> timedelta:
    return parsedate_to_datetime(asked) - now


def _ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
