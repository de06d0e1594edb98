import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from housing_ach.audit.commands import ActingCommand
from housing_ach.clock.services import now
from housing_ach.sandbox import staff
from housing_ach.shared.problems import Refusal
from housing_ach.users.clients import Proof, approve_client, register_client
from housing_ach.users.models import Client
from housing_ach.users.proofs import thumbprints_of
from housing_ach.users.states import ClientAuth, Scope

NAME = "Demo program"


class Command(ActingCommand):
    help = "Let in a demo program by its certificate; who it is goes to client.json beside it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.VAR_DIR / "api",
            help="holds client.crt, client.key and server-ca.crt",
        )

    def handle(self, *, folder: Path, **_options: Any) -> None:
        if settings.LIVE_MODE:
            raise CommandError("live mode has no demo program")
        try:
            prints = thumbprints_of((folder / "client.crt").read_text(), at=now())
        except (OSError, Refusal) as problem:
            raise CommandError(str(problem)) from problem
        client = Client.objects.filter(thumbprints__contains=list(prints), is_active=True).first()
        note = _note(client or _let_in(prints), folder)
        _write(folder / "client.json", json.dumps(note, indent=2) + "\n")
        self.stdout.write(f"{note['client_id']} may call {note['api']}")


@transaction.atomic
def _let_in(prints: Mapping[str, datetime]) -> Client:
    clerk, checker = staff.present()
    proof = Proof(ClientAuth.CERTIFICATE, thumbprints=prints)
    client, _ = register_client(name=NAME, scopes=Scope.values, proof=proof, by=clerk, at=now())
    approve_client(client, by=checker, at=now())
    return client


def _note(client: Client, folder: Path) -> dict[str, Any]:
    return {
        "api": settings.API_URL,
        "token_endpoint": f"{settings.API_URL}/oauth/token",
        "client_id": client.client_id,
        "scopes": client.scopes,
        "certificate": str(folder / "client.crt"),
        "key": str(folder / "client.key"),
        "ca": str(folder / "server-ca.crt"),
    }


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(fresh, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    fresh.rename(path)
