from typing import Any

from django.core.management.base import CommandError, CommandParser
from sqlalchemy.exc import SQLAlchemyError

from housing_ach.audit.commands import ActingCommand
from housing_ach.erp import services
from housing_ach.erp.models import Target
from housing_ach.shared.problems import Refusal


class Command(ActingCommand):
    help = "Post a made-up journal to an ERP, twice and cut off, verify it and take it away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *, name: str, **_options: Any) -> None:
        target = Target.objects.filter(name=name).first()
        if target is None:
            raise CommandError(f"There is no ERP called {name}.")
        try:
            for passed in services.selftest(target):
                self.stdout.write(passed)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except SQLAlchemyError as problem:
            raise CommandError(f"The database answers with {type(problem).__name__}.") from None
