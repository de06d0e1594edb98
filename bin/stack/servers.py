"""The lasting servers of this checkout: whoever comes first starts them, others join."""

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bin.stack.environment import DATABASE, Addresses, make_secret_key, real_database
from bin.stack.postgres import Postgres
from bin.stack.prepared import create_database, migrate
from bin.stack.valkey import Valkey


class Busy(Exception):
    """Somebody else owns the servers; the message says who."""


class Servers:
    """PostgreSQL and Valkey where the environment names no real ones."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.logs = var / "log"
        # "began" or "done". A database whose demo data did not come to their end is made anew.
        self.demo = var / "demo"
        self.is_new = False
        self.postgres = None if real_database() else Postgres(var / "postgres")
        self.valkey = None if os.environ.get("REDIS_URL") else Valkey(var / "valkey")

    def start(self) -> None:
        make_secret_key(self.var)
        if self.postgres:
            self.postgres.start(self.logs / "postgres.log")
            self._create(self.postgres)
        if self.valkey:
            self.valkey.start(self.logs / "valkey.log")

    def _create(self, postgres: Postgres) -> None:
        if self.demo.exists() and self.demo.read_text() == "began":
            postgres.run_sql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            shutil.rmtree(self.var / "bank", ignore_errors=True)
        self.is_new = DATABASE not in postgres.databases()
        if self.is_new:
            self.demo.unlink(missing_ok=True)
        create_database(postgres, DATABASE)

    @property
    def addresses(self) -> Addresses:
        broker = self.valkey.url if self.valkey else os.environ["REDIS_URL"]
        if self.postgres:
            urls = tuple(self.postgres.url(role, DATABASE) for role in ("owner", "app", "worker"))
        else:
            urls = real_database() or ()
        owner, app, worker = urls
        return Addresses(owner=owner, app=app, worker=worker, broker=broker)

    def stop(self) -> None:
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()


@contextlib.contextmanager
def owned(var: Path, *, by: str, guests_first: bool) -> Iterator[Servers]:
    """Start them and be their owner. Raises Busy. `guests_first`: stop only when no one uses them."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "servers.lock").open("a+") as lock, (var / "guests.lock").open("a") as guests:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Busy(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"{by} (process {os.getpid()})")
        lock.flush()
        servers = Servers(var)
        try:
            servers.start()
            _publish(var, servers.addresses)
            yield servers
        finally:
            if guests_first:
                fcntl.flock(guests, fcntl.LOCK_EX)
            (var / "servers.json").unlink(missing_ok=True)
            servers.stop()


def _publish(var: Path, where: Addresses) -> None:
    fresh = var / "servers.json.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(where)))
    fresh.rename(var / "servers.json")


@contextlib.contextmanager
def borrowed(var: Path) -> Iterator[Addresses]:
    """The running servers, else our own for as long as this lasts."""
    with contextlib.ExitStack() as stack:
        yield _own_or_join(var, stack)


def _own_or_join(var: Path, stack: contextlib.ExitStack) -> Addresses:
    while True:
        try:
            servers = stack.enter_context(owned(var, by="bin/manage", guests_first=True))
        except Busy:
            guests = stack.enter_context((var / "guests.lock").open("a"))
            fcntl.flock(guests, fcntl.LOCK_SH)
            with contextlib.suppress(FileNotFoundError):
                return Addresses(**json.loads((var / "servers.json").read_text()))
            fcntl.flock(guests, fcntl.LOCK_UN)
            time.sleep(0.1)
        else:
            if servers.is_new:
                migrate(servers.addresses, var=var)
            return servers.addresses
