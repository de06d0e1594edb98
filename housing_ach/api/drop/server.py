"""The file drop's SFTP server (asyncssh): keys alone open it, and SFTP is all there is behind it."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncssh
from asyncssh import constants as ssh
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHServerStreamSession

from housing_ach.api.drop.keeper import Keeper
from housing_ach.api.drop.room import Room
from housing_ach.api.drop.uploads import Budget, Uploads
from housing_ach.clock.services import wall_time
from housing_ach.shared.host_keys import kept_key
from housing_ach.users.models import Client
from housing_ach.users.ssh_keys import may_open
from housing_ach.users.uses import note_failure, note_use

VERSION = 3
MOST_CONNECTIONS = 64
MOST_OF_ONE_ADDRESS = 16
MOST_SESSIONS = 4
LOG_IN_SECONDS = 30
SESSION_SECONDS = 60 * 60
# All a client may ask: what is not named here does not exist, such as links and folders of its own.
REQUESTS = frozenset(
    {
        *(ssh.FXP_OPEN, ssh.FXP_CLOSE, ssh.FXP_READ, ssh.FXP_WRITE, ssh.FXP_REMOVE),
        *(ssh.FXP_LSTAT, ssh.FXP_FSTAT, ssh.FXP_STAT, ssh.FXP_SETSTAT, ssh.FXP_FSETSTAT),
        *(ssh.FXP_OPENDIR, ssh.FXP_READDIR, ssh.FXP_REALPATH, ssh.FXP_RENAME),
        *(b"posix-rename@openssh.com", b"limits@openssh.com"),
    }
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Door:
    host: str
    port: int
    host_key: Path


@dataclass
class Hall:
    """What all connections share."""

    keeper: Keeper = field(default_factory=Keeper)
    budget: Budget = field(default_factory=Budget)
    visitors: "set[Visitor]" = field(default_factory=set)
    by_address: Counter[str] = field(default_factory=Counter)


async def serve(door: Door, *, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
    """Until `stop` is set; `ready` is told the port."""
    hall = Hall()
    acceptor = await asyncssh.listen(
        door.host,
        door.port,
        config=[],
        server_host_keys=[kept_key(door.host_key)],
        server_factory=lambda: Visitor(hall),
        server_version="HMS-ACH",
        encoding=None,
        allow_scp=False,
        allow_pty=False,
        line_editor=False,
        agent_forwarding=False,
        x11_forwarding=False,
        password_auth=False,
        kbdint_auth=False,
        host_based_auth=False,
        gss_auth=False,
        gss_kex=False,
        login_timeout=LOG_IN_SECONDS,
        keepalive_interval=LOG_IN_SECONDS,
    )
    try:
        ready(acceptor.get_port())
        await stop.wait()
    finally:
        acceptor.close()
        leaving = [visitor.connection for visitor in hall.visitors]
        for connection in leaving:
            connection.abort()
        await acceptor.wait_closed()
        await asyncio.gather(*(connection.wait_closed() for connection in leaving))
        hall.keeper.close()


class Visitor(asyncssh.SSHServer):
    """One connection. Whatever asks for more than a session gets asyncssh's own refusal."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.client_id = ""
        self.address = ""
        self.sessions = 0
        self.ending: asyncio.TimerHandle | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self.address = str((conn.get_extra_info("peername") or [""])[0])
        self.hall.visitors.add(self)
        self.hall.by_address[self.address] += 1
        crowded = self.hall.by_address[self.address] > MOST_OF_ONE_ADDRESS
        if crowded or len(self.hall.visitors) > MOST_CONNECTIONS:
            log.warning("file drop: too many connections, one of %s is shut", self.address)
            conn.abort()
            return
        self.ending = asyncio.get_running_loop().call_later(SESSION_SECONDS, conn.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self.hall.visitors.discard(self)
        self.hall.by_address[self.address] -= 1
        self.hall.by_address += Counter()
        if self.ending:
            self.ending.cancel()

    def begin_auth(self, username: str) -> bool:
        self.client_id = username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Without the database nobody is let in."""
        with contextlib.suppress(asyncssh.SFTPFailure):
            return await self.hall.keeper.ask(username, _lets_in, username, key, self.address)
        return False

    def session_requested(self) -> "Session | bool":
        self.sessions += 1
        return self.sessions <= MOST_SESSIONS and Session(self)

    async def serve(self, reader: Any, writer: Any) -> None:
        hall = self.hall
        uploads = Uploads(hall.budget)
        room = Room(self.client_id, hall.keeper, uploads)
        try:
            await hall.keeper.ask(self.client_id, _note_use, self.client_id, self.address)
            await Handler(cast("asyncssh.SFTPServer", room), reader, writer, VERSION).run()
        finally:
            uploads.drop_all()
            self.sessions -= 1


class Session(SSHServerStreamSession[bytes]):
    """SFTP and nothing else: no shell, no command, no terminal."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(None)
        self.visitor = visitor

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        if self._chan is not None and self._conn is not None:
            reader = asyncssh.SSHReader(self, self._chan)
            writer = asyncssh.SSHWriter(self, self._chan)
            self._conn.create_task(self.visitor.serve(reader, writer))


class Handler(SFTPServerHandler):
    """asyncssh's own, but for what it answers to, and that it says when the client is gone.

    It closes files itself then, in the very way a client does: those are not complete.
    """

    _extensions = [(b"posix-rename@openssh.com", b"1"), (b"limits@openssh.com", b"1")]
    _packet_handlers = {
        asked: handler
        for asked, handler in SFTPServerHandler._packet_handlers.items()
        if asked in REQUESTS
    }

    async def _cleanup(self, exc: Exception | None) -> None:
        cast("Room", self._server).is_over = True
        await super()._cleanup(exc)


def _lets_in(client_id: str, key: asyncssh.SSHKey, address: str) -> bool:
    if may_open(client_id, key, address=address):
        return True
    if client := Client.objects.filter(client_id=client_id).first():
        note_failure(client, "SSH key", address=address, at=wall_time())
    return False


def _note_use(client_id: str, address: str) -> None:
    note_use(Client.objects.get(client_id=client_id), address=address, at=wall_time())
