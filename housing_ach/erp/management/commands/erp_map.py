import csv
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.erp import services
from housing_ach.erp.models import Target
from housing_ach.shared.problems import Refusal


class Command(ActingCommand):
    help = (
        "Say what an ERP calls our accounts: CSV with fund, number and code, from standard input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *, name: str, **_options: Any) -> None:
        target = Target.objects.filter(name=name).first()
        if target is None:
            raise CommandError(f"There is no ERP called {name}.")
        try:
            count = services.map_accounts(target, csv.DictReader(sys.stdin))
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{count} accounts have a code from the next posting on")
