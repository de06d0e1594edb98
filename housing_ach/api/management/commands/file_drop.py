import asyncio
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from housing_ach.api.drop.server import Door, serve
from housing_ach.audit.commands import ActingCommand


class Command(ActingCommand):
    help = "Run the file drop: an SFTP server that takes files of debits, until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.FILE_DROP_HOST)
        parser.add_argument("--port", type=int, default=settings.FILE_DROP_PORT, help="0: any free")
        parser.add_argument("--host-key", type=Path, default=settings.FILE_DROP_HOST_KEY)

    def handle(self, *args: Any, **options: Any) -> None:
        door = Door(options["host"], options["port"], options["host_key"])
        asyncio.run(self._serve(door))

    async def _serve(self, door: Door) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)

        def ready(port: int) -> None:
            self.stdout.write(f"file drop ready on {door.host}:{port}")
            self.stdout.flush()

        await serve(door, stop=stop, ready=ready)
