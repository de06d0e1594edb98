from typing import Any

from django.core.management.base import CommandError

from housing_ach.audit.commands import ActingCommand
from housing_ach.vault import services


class Command(ActingCommand):
    help = "Open every secret; name those that do not open."

    def handle(self, **_options: Any) -> None:
        broken = 0
        for _token, reason in services.broken_secrets():
            self.stdout.write(reason)
            broken += 1
        if broken:
            raise CommandError(f"{broken} secrets do not open")
        self.stdout.write("every secret opens")
