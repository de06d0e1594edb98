"""Servers for one run in a temporary folder: tests, `bin/manage --fresh`, `bin/run --smoke`."""

import contextlib
import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bin.stack.django import CommandFailed
from bin.stack.environment import DATABASE, Addresses, make_secret_key
from bin.stack.places import BASE
from bin.stack.postgres import Postgres
from bin.stack.prepared import addresses, prepared
from bin.stack.valkey import Valkey

PREFIX = "hms-run-"
NEW_SECONDS = 60


class Throwaway:
    """One PostgreSQL with the migrated database, one Valkey. `problem` says why it is not migrated."""

    def __init__(self) -> None:
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._alive = (self.folder / "alive").open("w")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        self.postgres = Postgres(self.folder / "postgres", fast=True)
        self.valkey = Valkey(self.folder / "valkey", durable=False)
        self.problem = ""
        make_secret_key(self.folder)
        (self.folder / "static").mkdir()

    @property
    def var(self) -> Path:
        return self.folder

    @property
    def addresses(self) -> Addresses:
        return addresses(self.postgres, DATABASE, broker=self.valkey.url)

    def start(self) -> None:
        try:
            ready = prepared(BASE / "var/prepared")
        except CommandFailed as failure:
            self.problem = str(failure)
        else:
            self.postgres.adopt(ready.data)
            for key in ready.keys.glob("*"):
                if key.name != "secret_key":
                    shutil.copy(key, self.folder / "keys")
        self.postgres.start(self.folder / "log/postgres.log")
        self.valkey.start(self.folder / "log/valkey.log")

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self.postgres.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._alive.close()


@contextlib.contextmanager
def throwaway() -> Iterator[Throwaway]:
    """Raises CommandFailed where the migrations fail."""
    servers = Throwaway()
    try:
        servers.start()
        if servers.problem:
            raise CommandFailed(servers.problem)
        yield servers
    finally:
        servers.stop()


def sweep() -> None:
    """Remove what killed runs left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime < NEW_SECONDS:
                continue
        with contextlib.suppress(OSError), (folder / "alive").open() as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Postgres(folder / "postgres", fast=True).remove()
            shutil.rmtree(folder, ignore_errors=True)
