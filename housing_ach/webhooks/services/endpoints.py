"""Who is told what, where, and signed with which secret."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import Client
from housing_ach.vault.keys import SERVICE
from housing_ach.vault.services import seal
from housing_ach.webhooks.catalogue import KINDS
from housing_ach.webhooks.models import BATCH, Endpoint, Secret
from housing_ach.webhooks.states import EndpointStatus

PREFIX = "whsec_"
SECRET_BYTES = 32
OVERLAP = timedelta(hours=24)
LONGEST = 500
# Of one client, those that are disabled not counted: each event is told to every one of them.
MOST = 20


class BadEndpoint(Refusal):
    """Nobody can be told there, or not that."""


class TooManyEndpoints(Refusal):
    """The client is told in enough places."""


class Terms(TypedDict, total=False):
    """Only what is named is changed."""

    url: str
    kinds: Sequence[str]
    description: str


@transaction.atomic
def add_endpoint(
    *, client: Client, url: str, at: datetime, kinds: Sequence[str] = (), description: str = ""
) -> tuple[Endpoint, str]:
    """The endpoint and its secret, which nobody is told again. Raises BadEndpoint, TooManyEndpoints."""
    require_address(url)
    _require_known(kinds)
    if client.endpoints.exclude(status=EndpointStatus.DISABLED).count() >= MOST:
        raise TooManyEndpoints(f"url: there are {MOST} endpoints already", field="url")
    endpoint = Endpoint.objects.create(
        client=client, url=url, kinds=sorted(set(kinds)), description=description, made_at=at
    )
    return endpoint, new_secret(endpoint, at)


@transaction.atomic
def change_endpoint(endpoint: Endpoint, **terms: Unpack[Terms]) -> None:
    """What is queued already goes to the new address too. Raises BadEndpoint."""
    if "url" in terms:
        require_address(terms["url"], is_callback=endpoint.is_callback)
    if "kinds" in terms and endpoint.is_callback:
        raise BadEndpoint("kinds: a callback is told of returns and rejections", field="kinds")
    if "kinds" in terms:
        _require_known(terms["kinds"])
        terms = {**terms, "kinds": sorted(set(terms["kinds"]))}
    differing = {name: value for name, value in terms.items() if getattr(endpoint, name) != value}
    if differing:
        Endpoint.objects.filter(pk=endpoint.pk).update(**differing)
        endpoint.refresh_from_db()


@transaction.atomic
def rotate_secret(endpoint: Endpoint, *, at: datetime) -> str:
    """A new secret, told once. Messages are signed with the old one too for another 24 hours."""
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    locked.secrets.filter(ends_at=None).update(ends_at=at + OVERLAP)
    return new_secret(locked, at)


def pause_endpoint(endpoint: Endpoint) -> None:
    """What happens is kept, and sent once it is resumed. Raises IllegalMove or StaleState."""
    move(endpoint, EndpointStatus.PAUSED)


def resume_endpoint(endpoint: Endpoint) -> None:
    """Raises IllegalMove or StaleState."""
    move(endpoint, EndpointStatus.ACTIVE, failures=0)


def disable_endpoint(endpoint: Endpoint) -> None:
    """It is told nothing any more. Raises IllegalMove or StaleState."""
    move(endpoint, EndpointStatus.DISABLED)


def sealed_for(endpoint_id: int) -> str:
    """The context a secret is sealed in: it opens for its own endpoint alone."""
    return f"webhooks.endpoint:{endpoint_id}"


def new_secret(endpoint: Endpoint, at: datetime) -> str:
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    token = seal(SERVICE, secret.encode(), context=sealed_for(endpoint.pk))
    Secret.objects.create(endpoint=endpoint, token=token, made_at=at)
    return secret


def _require_known(kinds: Sequence[str]) -> None:
    if unknown := sorted(set(kinds) - KINDS):
        raise BadEndpoint(f"kinds: there is no event {', '.join(unknown)}", field="kinds")


def require_address(url: str, *, is_callback: bool = False) -> None:
    """Of a callback: where the batch stands too, in the path or the query. Raises BadEndpoint."""
    schemes = {"https", "http"} if settings.WEBHOOK_ALLOW_LOOPBACK else {"https"}
    try:
        parts = urlsplit(url)
        known = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
        parts = urlsplit("")
    if not known or parts.username or parts.fragment or len(url) > LONGEST:
        raise BadEndpoint("url: give an https address without name and password", field="url")
    if is_callback and (url.count(BATCH) != 1 or BATCH in parts.netloc):
        raise BadEndpoint(f"url: give an https address with {BATCH} once in its path", field="url")
