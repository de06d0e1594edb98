from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from housing_ach.sandbox.bank.statement import credits_of
from housing_ach.shared.money import dollars


class Command(BaseCommand):
    help = "Show what a sandbox account received, as its holder would see it: micro-deposits above all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="a test account number")
        parser.add_argument("--folder", type=Path, default=settings.SANDBOX_BANK_DIR)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.LIVE_MODE:
            raise CommandError("live mode has no sandbox bank")
        for seen in credits_of(options["folder"], options["account"]):
            line = f"{seen.on}  {seen.company:<16}  {seen.description:<10}  {dollars(seen.cents)}"
            self.stdout.write(line)
