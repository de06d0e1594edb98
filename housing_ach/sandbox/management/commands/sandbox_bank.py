import signal
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections
from django.db.models import QuerySet

from housing_ach.audit.acting import acting
from housing_ach.bank.models import BankProfile
from housing_ach.clock import services as clock
from housing_ach.sandbox.bank.bank import AnsweringBank, begun_seed
from housing_ach.sandbox.bank.server import Endpoint, connect_profile, serving

TICK_SECONDS = 0.1
SEED = 7


class Command(BaseCommand):
    help = (
        "Run the sandbox bank: an SFTP server that answers by the product's clock, until SIGTERM."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.SANDBOX_BANK_DIR)
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--seed", type=int, help="of a new folder, which keeps it")
        parser.add_argument("--every", type=float, default=TICK_SECONDS, help="seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.LIVE_MODE:
            raise CommandError("live mode has no sandbox bank")
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        seed = options["seed"] or begun_seed(options["folder"]) or SEED
        bank = AnsweringBank(options["folder"], seed)
        with serving(options["folder"], port=options["port"]) as door:
            self.stdout.write(f"sandbox bank ready on {door.host}:{door.port}")
            self.stdout.flush()
            customers = BankProfile.objects.filter(is_sandbox=True)
            strangers = customers
            while not stop.is_set():
                if self._tick(bank, door, customers, strangers):
                    strangers = customers.filter(client_key=None)
                stop.wait(options["every"])

    def _tick(
        self,
        bank: AnsweringBank,
        door: Endpoint,
        customers: QuerySet[BankProfile],
        strangers: QuerySet[BankProfile],
    ) -> bool:
        """Points the profiles here, then does what is due.

        The bank's time begins with its first customer, since a simulation may begin in the past. It
        outlives the product's database: while that is away, its clock stands still.
        """
        close_old_connections()
        try:
            for profile in strangers.all():
                with acting("command:sandbox_bank"):
                    connect_profile(profile, door)
            if not customers.exists():
                return True
            at = clock.now()
        except OperationalError as problem:
            self.stderr.write(f"no clock: {str(problem).splitlines()[0]}")
            return False
        for line in bank.tick(at):
            self.stdout.write(line)
        self.stdout.flush()
        return True
