from typing import Any

from django.conf import settings

from housing_ach.audit.commands import ActingCommand
from housing_ach.vault.keys import make_missing


class Command(ActingCommand):
    help = "Make the key files that are missing in VAULT_KEY_DIR."

    def handle(self, **_options: Any) -> None:
        for name in make_missing(settings.VAULT_KEY_DIR) or ["nothing: all keys are there"]:
            self.stdout.write(f"made {name}")
