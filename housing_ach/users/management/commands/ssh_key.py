from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.clock.services import now
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import Client, SshKey, User
from housing_ach.users.ssh_keys import add_ssh_key, approve_ssh_key, remove_ssh_key


class Command(ActingCommand):
    help = "The keys with which a client brings files: one person adds, another approves."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="register a public key")
        add.add_argument("client", help="its client_id, which is also its name at the server")
        add.add_argument("file", type=Path, help="such as id_ed25519.pub")
        add.add_argument("--by", required=True, help="your e-mail address")
        approve = acts.add_parser("approve", help="let a registered key in")
        approve.add_argument("key", type=int)
        approve.add_argument("--by", required=True, help="your e-mail address")
        acts.add_parser("remove", help="let a key in no more").add_argument("key", type=int)
        acts.add_parser("list", help="all keys").add_argument("client", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        acts = {"add": self._add, "approve": self._approve, "remove": self._remove}
        try:
            acts.get(options["act"], self._list)(options)
        except (Refusal, OSError, ObjectDoesNotExist) as problem:
            raise CommandError(str(problem)) from None

    def _add(self, options: dict[str, Any]) -> None:
        client = Client.objects.get(client_id=options["client"])
        line = options["file"].read_text()
        key = add_ssh_key(client, line=line, by=_person(options["by"]), at=now())
        self.stdout.write(f"{key.pk} {key} waits for another person: ssh_key approve {key.pk}")

    def _approve(self, options: dict[str, Any]) -> None:
        key = SshKey.objects.get(pk=options["key"])
        approve_ssh_key(key, by=_person(options["by"]), at=now())
        self.stdout.write(f"{key.pk} {key} opens the file drop for {key.client}")

    def _remove(self, options: dict[str, Any]) -> None:
        remove_ssh_key(SshKey.objects.get(pk=options["key"]))
        self.stdout.write("removed")

    def _list(self, options: dict[str, Any]) -> None:
        keys = SshKey.objects.select_related("client").order_by("client", "pk")
        for key in keys.filter(client__client_id__contains=options["client"]):
            state = "approved" if key.approved_at else "waits"
            self.stdout.write(f"{key.pk} {key.client} {key} {state}")


def _person(email: str) -> User:
    return User.objects.get(email__iexact=email, is_active=True, is_staff=True)
