import sys
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.erp import services
from housing_ach.erp.states import Dialect
from housing_ach.shared.problems import Refusal


class Command(ActingCommand):
    help = "Post to one more database from a day on. Its address is read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("dialect", choices=Dialect.values)
        parser.add_argument("starts_on", type=date.fromisoformat)
        parser.add_argument("--schema", default="")

    def handle(self, **options: Any) -> None:
        given = {name: options[name] for name in ("name", "dialect", "starts_on", "schema")}
        try:
            target = services.add_target(url=sys.stdin.readline().strip(), **given)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{target} is posted to from {target.starts_on} on")
