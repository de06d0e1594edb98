from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.vault import services
from housing_ach.vault.keys import RINGS, add_pair


class Command(ActingCommand):
    help = "Make a new wrapping key and wrap the data keys with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kek", action="store_true", required=True)
        parser.add_argument("--ring", choices=RINGS, action="append")

    def handle(self, **options: Any) -> None:
        for ring in options["ring"] or RINGS:
            key_id = add_pair(settings.VAULT_KEY_DIR, ring)
            count = services.rewrap(ring)
            self.stdout.write(f"{key_id} wraps {count} data keys; older backups need the old key")
