from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command

from housing_ach.audit.commands import ActingCommand
from housing_ach.sandbox.simulation import Plan, default_start, run
from housing_ach.shared.problems import Refusal


class Command(ActingCommand):
    help = "Live through days of a made-up organisation, on an empty database, and prove the books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=45)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--leases", type=int, default=200)
        parser.add_argument("--start", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument(
            "--through-worker",
            action="store_true",
            help="let the running worker and bank do the work, over the broker",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        plan = Plan(
            seed=options["seed"],
            leases=options["leases"],
            days=days,
            start=options["start"] or default_start(days),
        )
        worker = options["through_worker"]
        try:
            with TemporaryDirectory(prefix="hms-bank-") as throw_away:
                folder = settings.SANDBOX_BANK_DIR if worker else Path(throw_away)
                run(plan, folder=folder, through_worker=worker, out=self.stdout)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        call_command("verify", stdout=self.stdout)
