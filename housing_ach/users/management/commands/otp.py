import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.shared.problems import Refusal
from housing_ach.users import services


class Command(ActingCommand):
    help = "Print a user's one-time code of this half-minute (sandbox only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, **options: Any) -> None:
        try:
            code = services.current_code(email=options["email"], unix_time=time.time())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(code)
