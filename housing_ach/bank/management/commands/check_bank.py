from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.bank.models import BankProfile
from housing_ach.bank.services import check_connection
from housing_ach.clock.services import now
from housing_ach.shared.problems import Refusal


class Command(ActingCommand):
    help = "Try the connection to a bank and whether its folders are there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("profile", help="name of the bank profile")

    def handle(self, *args: Any, **options: Any) -> None:
        profile = BankProfile.objects.filter(name=options["profile"]).first()
        if profile is None:
            raise CommandError(f"bank {options['profile']}: there is no such profile")
        try:
            check_connection(profile, at=now())
        except Refusal as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{profile}: reached, and its folders are there")
