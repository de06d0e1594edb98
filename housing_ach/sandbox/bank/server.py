"""The bank's SFTP server (asyncssh): its own host key, one client key, nothing outside its folder."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import asyncssh

from housing_ach.bank.models import BankProfile
from housing_ach.bank.services import store_client_key
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.shared.host_keys import kept_key

HOST = "127.0.0.1"
USERNAME = "housing"
START_SECONDS = 20
SERVED = "files"

Served = Callable[["asyncssh.SSHServerChannel[bytes]"], asyncssh.SFTPServer]


@dataclass(frozen=True)
class Endpoint:
    """What a client must know to reach the bank."""

    host: str
    port: int
    username: str
    host_key_line: str
    client_key_pem: bytes = field(repr=False)


@dataclass(frozen=True)
class RunningBank(Endpoint):
    bank: AnsweringBank


def sftp_of(folder: Path) -> Served:
    """Sessions that see `files/` as their root; the place where a test puts a server that fails."""

    def serve(channel: "asyncssh.SSHServerChannel[bytes]") -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=os.fsencode(folder / SERVED))

    return serve


def endpoint(folder: Path, port: int) -> Endpoint:
    """Keys are made when first asked for and stay with the folder."""
    host_key = kept_key(folder / "host_key")
    kept_key(folder / "client_key")
    return Endpoint(
        host=HOST,
        port=port,
        username=USERNAME,
        host_key_line=host_key.export_public_key().decode().strip(),
        client_key_pem=(folder / "client_key").read_bytes(),
    )


@contextmanager
def serving(folder: Path, *, port: int = 0, served: Served | None = None) -> Iterator[Endpoint]:
    """The server in a thread of its own; port 0 takes a free one."""
    (folder / SERVED).mkdir(parents=True, exist_ok=True)
    server = _Server(folder, port=port, served=served or sftp_of(folder))
    server.start()
    try:
        yield endpoint(folder, server.wait_until_ready())
    finally:
        server.stop()


@contextmanager
def running_bank(
    folder: Path, seed: int, *, port: int = 0, served: Served | None = None
) -> Iterator[RunningBank]:
    bank = AnsweringBank(folder, seed)
    with serving(folder, port=port, served=served) as door:
        yield RunningBank(**vars(door), bank=bank)


def connect_profile(profile: BankProfile, door: Endpoint) -> None:
    """Points the profile at a running sandbox bank: address, pinned host key, our key."""
    profile.is_sandbox = True
    profile.host = door.host
    profile.port = door.port
    profile.username = door.username
    profile.host_key = door.host_key_line
    profile.save(update_fields=["is_sandbox", "host", "port", "username", "host_key"])
    store_client_key(profile, pem=door.client_key_pem)


class _Server(Thread):
    def __init__(self, folder: Path, *, port: int, served: Served) -> None:
        super().__init__(name="sandbox-bank", daemon=True)
        self.folder = folder
        self.port = port
        self.served = served
        self.ready = Event()
        self.problem: Exception | None = None
        self.loop = asyncio.new_event_loop()
        self.stopping = asyncio.Event()

    def run(self) -> None:
        try:
            self.loop.run_until_complete(self._serve())
        except Exception as problem:  # noqa: BLE001 - told to whoever waits for the server
            self.problem = problem
        finally:
            self.ready.set()
            self.loop.close()

    def wait_until_ready(self) -> int:
        self.ready.wait(START_SECONDS)
        if self.problem:
            raise self.problem
        return self.port

    def stop(self) -> None:
        # A server that could not start closes its loop by itself, perhaps in this very moment.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.stopping.set)
        self.join(START_SECONDS)

    async def _serve(self) -> None:
        connections: set[asyncssh.SSHServerConnection] = set()
        acceptor = await asyncssh.listen(
            HOST,
            self.port,
            server_host_keys=[kept_key(self.folder / "host_key")],
            authorized_client_keys=_authorized(self.folder),
            sftp_factory=self.served,
            server_factory=lambda: _Visitor(connections),
            allow_scp=False,
            line_editor=False,
            password_auth=False,
            kbdint_auth=False,
        )
        self.port = acceptor.get_port()
        self.ready.set()
        await self.stopping.wait()
        acceptor.close()
        for connection in list(connections):
            connection.abort()
        await acceptor.wait_closed()
        await asyncio.gather(*(connection.wait_closed() for connection in list(connections)))


class _Visitor(asyncssh.SSHServer):
    """Knows its connection, so that stopping leaves none open."""

    def __init__(self, connections: set[asyncssh.SSHServerConnection]) -> None:
        self.connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self.connections.add(conn)

    def connection_lost(self, exc: Any) -> None:
        self.connections.discard(self.connection)


def _authorized(folder: Path) -> asyncssh.SSHAuthorizedKeys:
    public = kept_key(folder / "client_key").export_public_key().decode()
    return asyncssh.import_authorized_keys(public)
