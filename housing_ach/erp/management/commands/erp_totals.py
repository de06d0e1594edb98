import time
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from sqlalchemy.exc import SQLAlchemyError

from housing_ach.audit.commands import ActingCommand
from housing_ach.erp.models import Target
from housing_ach.erp.services import day_totals
from housing_ach.erp.services.totals import DayTotal
from housing_ach.shared.money import dollars

LOOK_SECONDS = 1


class Command(ActingCommand):
    help = "Show a day's control totals of each fund: what we posted beside what the ERP's tables hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("day", type=date.fromisoformat)
        parser.add_argument("--wait", type=int, default=0, help="seconds for the worker to post")

    def handle(self, **options: Any) -> None:
        target = Target.objects.filter(name=options["name"]).first()
        if target is None:
            raise CommandError(f"name: there is no target {options['name']}")
        totals = _posted(target, options["day"], until=time.monotonic() + options["wait"])
        if not totals:
            raise CommandError(f"nothing of {options['day']} was posted")
        self.stdout.write(f"{'fund':<15} {'lines':>7} {'debit':>15} {'credit':>15}  ERP")
        for total in totals:
            lines, debit, credit = total.ours
            said = "agrees" if total.agrees else "DIFFERS"
            self.stdout.write(
                f"{total.fund:<15} {lines:>7} {dollars(debit):>15} {dollars(credit):>15}  {said}"
            )
        if not all(total.agrees for total in totals):
            raise CommandError("the ERP's totals are not ours")


def _posted(target: Target, day: date, *, until: float) -> list[DayTotal]:
    try:
        while not (totals := day_totals(target, day)) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
    except SQLAlchemyError as problem:
        raise CommandError(f"{target} cannot be asked: {type(problem).__name__}") from problem
    return totals
