"""The file drop in a thread of its own, and the doors of its clients."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import asyncssh
import paramiko

from housing_ach.api.drop.server import Door, serve
from housing_ach.users.ssh_keys import add_ssh_key, approve_ssh_key
from tests.factories import AT, UserFactory

HOST = "127.0.0.1"
SECONDS = 20


@dataclass(frozen=True)
class Running:
    port: int
    folder: Path

    @property
    def host_key(self) -> str:
        return asyncssh.read_private_key(self.folder / "host_key").export_public_key().decode()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Running]:
    loop = asyncio.new_event_loop()
    stop, ready, ports = asyncio.Event(), Event(), []

    def tell(port: int) -> None:
        ports.append(port)
        ready.set()

    def work() -> None:
        door = Door(HOST, 0, folder / "host_key")
        loop.run_until_complete(serve(door, stop=stop, ready=tell))
        loop.close()

    thread = Thread(target=work)
    thread.start()
    assert ready.wait(SECONDS)
    try:
        yield Running(ports[0], folder)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SECONDS)
        assert not thread.is_alive()


def key_for(client, path: Path, *, approved: bool = True) -> Path:
    """A private key file of a client that may come in with it."""
    pair = asyncssh.generate_private_key("ssh-ed25519")
    path.write_bytes(pair.export_private_key())
    path.chmod(0o600)
    key = add_ssh_key(client, line=pair.export_public_key().decode(), by=UserFactory(), at=AT)
    if approved:
        approve_ssh_key(key, by=UserFactory(), at=AT)
    return path


@contextlib.contextmanager
def connected(server: Running, client, key: Path) -> Iterator[paramiko.SFTPClient]:
    with paramiko.Transport((HOST, server.port)) as transport:
        transport.connect(username=client.client_id, pkey=paramiko.Ed25519Key(filename=str(key)))
        with paramiko.SFTPClient.from_transport(transport) as sftp:
            yield sftp
