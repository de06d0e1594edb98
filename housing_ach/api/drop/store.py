"""Dropped files as they come in and lie there: bytes first, sealed, whatever they mean."""

import hashlib
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Func, IntegerField, QuerySet

from housing_ach.api.drop.names import is_partial, require_final
from housing_ach.api.models import Drop, DroppedFile
from housing_ach.api.states import DropStatus
from housing_ach.audit.move import move, record
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import Client
from housing_ach.users.states import Scope
from housing_ach.vault import services as vault
from housing_ach.vault.keys import MONEY

MOST_BYTES = 10_000_000
MOST_WAITING = 100
LISTED = 1000
RECEIVED = "file.dropped"


class NotLetIn(Refusal):
    """This client may bring nothing, or not any more."""


class NotTaken(Refusal):
    """Not these bytes, or not now."""


class Listed(NamedTuple):
    """What lies under a name; `ack` is how many bytes its ack has, 0 while it waits."""

    name: str
    size: int
    ack: int
    at: datetime
    answered_at: datetime | None


def take(client_id: str, name: str, content: bytes, *, at: datetime) -> DroppedFile:
    """Keeps the bytes for good before it returns.

    Bytes that came before are that file again, under whatever name. Where it was refused, nothing was
    done: it is tried again, as its new name says. Raises NotLetIn, BadName, NotTaken.
    """
    require_final(name)
    client = _let_in(client_id)
    _require_fit(client, content)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        file, is_new = DroppedFile.objects.select_for_update(of=("self",)).get_or_create(
            client=client,
            sha256=digest,
            defaults={
                "name": name,
                "size": len(content),
                "partial": is_partial(name),
                "sealed": partial(vault.seal, MONEY, content, context=_context(client, digest)),  # type: ignore[misc]
                "received_at": at,
            },
        )
        if is_new:
            record(RECEIVED, file, data={"sha256": digest, "size": len(content)})
        elif file.status == DropStatus.REFUSED:
            again: dict[str, Any] = {
                "name": name,
                "partial": is_partial(name),
                "ack": "",
                "answered_at": None,
            }
            move(file, DropStatus.RECEIVED, kind=RECEIVED, **again)
        Drop.objects.create(client=client, name=name, file=file, at=at)
    failpoint("drop.stored")
    return file


def content_of(file: DroppedFile) -> bytes:
    """The exact bytes; only processes with the private key of the money ring can have them."""
    return vault.reveal(file.sealed, context=_context(file.client, file.sha256))


def listed(client_id: str) -> list[Listed]:
    """What this client brought last, the newest of each name."""
    newest: dict[str, Listed] = {}
    for row in _shown(_drops(client_id))[:LISTED]:
        newest.setdefault(row[0], Listed(*row))
    return list(newest.values())


def found(client_id: str, name: str) -> Listed | None:
    row = _shown(_drops(client_id).filter(name=name)).first()
    return Listed(*row) if row else None


def ack_of(client_id: str, name: str) -> bytes:
    """Of what was brought last under this name; empty while there is none."""
    ack = _drops(client_id).filter(name=name).values_list("file__ack", flat=True).first()
    return (ack or "").encode()


def _drops(client_id: str) -> QuerySet[Drop]:
    own = Drop.objects.filter(client__client_id=client_id, client__is_active=True)
    return own.order_by("-pk")


def _shown(drops: QuerySet[Drop]) -> QuerySet[Drop, Any]:
    """The length of an ack without the ack, which may be long."""
    length = Func(F("file__ack"), function="octet_length", output_field=IntegerField())
    return drops.values_list("name", "file__size", length, "at", "file__answered_at")


def _let_in(client_id: str) -> Client:
    client = Client.objects.filter(client_id=client_id, is_active=True).first()
    if client is None or Scope.WRITE not in client.scopes:
        raise NotLetIn("client: it may bring no files", field="client")
    return client


def _require_fit(client: Client, content: bytes) -> None:
    if not content:
        raise NotTaken("file: is empty", field="file")
    if len(content) > MOST_BYTES:
        raise NotTaken(f"file: is larger than {MOST_BYTES} bytes", field="file")
    waiting = DroppedFile.objects.filter(client=client, status=DropStatus.RECEIVED)
    if waiting.count() >= MOST_WAITING:
        raise NotTaken(f"file: {MOST_WAITING} files wait already; come back later", field="file")


def _context(client: Client, digest: str) -> str:
    """Opens for no other client and no other bytes."""
    return f"dropped file:{client.pk}:{digest}"
