from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.erp import services
from housing_ach.erp.models import Target


class Command(ActingCommand):
    help = "Post nothing to an ERP, until it is told to go on; then what was missed follows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--end", action="store_true", help="go on")

    def handle(self, *, name: str, end: bool, **_options: Any) -> None:
        target = Target.objects.filter(name=name).first()
        if target is None:
            raise CommandError(f"There is no ERP called {name}.")
        services.set_active(target, is_active=end)
        self.stdout.write(f"{target} {'is posted to again' if end else 'rests'}")
