from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.clock import services
from housing_ach.shared.business_days import NEW_YORK, new_york_at
from housing_ach.shared.problems import Refusal


def moment(text: str) -> datetime | date:
    """`2026-03-02`, or `2026-03-02T14:30` in New York."""
    if "T" not in text:
        return date.fromisoformat(text)
    local = datetime.fromisoformat(text)
    return new_york_at(local.date(), local.time())


class Command(ActingCommand):
    help = "Show the clock, or advance it (sandbox only). Dates and times are New York's."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("show")
        ahead = verbs.add_parser("advance").add_mutually_exclusive_group(required=True)
        ahead.add_argument("--to", type=moment, metavar="DATE[THH:MM]")
        ahead.add_argument("--days", type=int, dest="to", metavar="N")

    def handle(self, **options: Any) -> None:
        try:
            at = services.now() if options["verb"] == "show" else services.advance(options["to"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{at.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M %Z} ({at:%Y-%m-%d %H:%M} UTC)"
        )
