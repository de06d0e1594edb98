"""The bank's SFTP server, as HMS-ACH uses it.

Paths are the server's own, absolute. Nothing here decides anything: an unknown outcome is raised as
BankUnreachable and resolved by the caller, who can ask again (`retract`, `exists`).
"""

import base64
import hashlib
import io
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from posixpath import dirname
from types import TracebackType
from typing import Self

import paramiko

from housing_ach.shared.problems import Refusal

CHUNK = 32_768
UNFINISHED = (".part", ".tmp")
KEY_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")


class BankUnreachable(Refusal):
    """No connection, or it broke: whatever was under way may or may not have happened."""


class HostKeyChanged(Refusal):
    """The server did not prove to be the pinned one; nothing was sent."""


class BankLoginRefused(Refusal):
    """The bank does not accept our key."""


class ClientKeyUnusable(Refusal):
    """Our private key is missing or cannot be read."""


class FolderMissing(Refusal):
    def __init__(self, folder: str) -> None:
        super().__init__(f"folder {folder}: does not exist on the bank's server", field="folder")
        self.folder = folder


class BankFileMissing(Refusal):
    """The folder is there, the file is not."""


class BankDiskFull(Refusal):
    """The server stopped taking bytes."""


class BankRefused(Refusal):
    """The server answered no, for a reason of its own."""


@dataclass(frozen=True)
class Door:
    """Where the bank's server is, what it must prove and how we prove who we are."""

    host: str
    port: int
    username: str
    host_key: str
    client_key_pem: bytes = field(repr=False)
    timeout_seconds: float = 20.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Listed:
    name: str
    size: int
    mtime: int


class BankConnection:
    """`with BankConnection(door) as bank:`. One session, one thread."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def __enter__(self) -> Self:
        private_key = _private_key(self.door.client_key_pem)
        pinned_kind, pinned = _pinned(self.door.host_key)
        with self._plainly("connect"):
            self._transport = paramiko.Transport(
                socket.create_connection(
                    (self.door.host, self.door.port), timeout=self.door.timeout_seconds
                )
            )
        try:
            self._prove_server(pinned_kind, pinned)
            self._prove_ourselves(private_key)
        except BaseException:
            self._transport.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Saying goodbye over a broken connection fails too, and must not hide what broke it.
        with suppress(paramiko.SSHException, EOFError, OSError):
            self._sftp.close()
        self._transport.close()

    def put(self, path: str, data: bytes) -> None:
        """Writes the whole file or raises; what it leaves behind then is a partial file."""
        with self._plainly("write", path), self._sftp.open(path, "wb") as remote:
            remote.set_pipelined(True)
            for start in range(0, len(data), CHUNK):
                remote.write(data[start : start + CHUNK])
        taken = self.size(path)
        if taken != len(data):
            # A pipelined write learns of a full disk after it went on: only the size tells.
            raise BankDiskFull(
                f"file {path}: the bank's server took {taken} of {len(data)} bytes; "
                "its disk is probably full",
                field="file",
            )

    def read(self, path: str) -> bytes:
        with self._plainly("read", path), self._sftp.open(path, "rb") as remote:
            remote.prefetch(remote.stat().st_size)
            return remote.read()

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self.read(path)).hexdigest()

    def size(self, path: str) -> int:
        with self._plainly("stat", path):
            return self._sftp.stat(path).st_size or 0

    def rename(self, source: str, target: str) -> None:
        """Atomic (posix-rename). Replaces the target, so final names must never repeat."""
        with self._plainly("rename", source, target):
            self._sftp.posix_rename(source, target)

    def retract(self, source: str, target: str) -> bool:
        """True when `source` was moved to `target`, now or before; False when it is gone, which
        means it was published."""
        if self.exists(target):
            return True
        try:
            self.rename(source, target)
        except BankFileMissing:
            return False
        return True

    def exists(self, path: str) -> bool:
        try:
            self.size(path)
        except BankFileMissing:
            return False
        return True

    def remove(self, path: str) -> None:
        with self._plainly("remove", path):
            self._sftp.remove(path)

    def list(self, folder: str) -> list[Listed]:
        """Finished files in order of name: hidden and temporary names are still being written."""
        with self._plainly("list", f"{folder}/."):
            found = self._sftp.listdir_attr(folder)
        return sorted(
            (
                Listed(item.filename, item.st_size or 0, int(item.st_mtime or 0))
                for item in found
                if stat.S_ISREG(item.st_mode or 0)
                and not item.filename.startswith(".")
                and not item.filename.endswith(UNFINISHED)
            ),
            key=lambda item: item.name,
        )

    def require_folders(self, *folders: str) -> None:
        """Raises FolderMissing for the first folder that is not there."""
        for folder in folders:
            if not self._is_folder(folder):
                raise FolderMissing(folder)

    def _prove_server(self, pinned_kind: str, pinned: bytes) -> None:
        options = self._transport.get_security_options()
        options.key_types = RSA_SIGNATURES if pinned_kind == "ssh-rsa" else (pinned_kind,)
        with self._plainly("connect"):
            try:
                self._transport.start_client(timeout=self.door.timeout_seconds)
            except paramiko.ssh_exception.IncompatiblePeer as problem:
                raise self._changed_key(f"the server has no {pinned_kind} key") from problem
            shown = self._transport.get_remote_server_key()
        if shown.asbytes() != pinned:
            raise self._changed_key(f"the server shows SHA256:{_fingerprint(shown.asbytes())}")

    def _prove_ourselves(self, private_key: paramiko.PKey) -> None:
        with self._plainly("log in"):
            try:
                self._transport.auth_timeout = self.door.timeout_seconds
                self._transport.auth_publickey(self.door.username, private_key)
            except paramiko.AuthenticationException as problem:
                raise BankLoginRefused(
                    f"bank {self.door}: does not accept the key of {self.door.username}",
                    field="client_key",
                ) from problem
            opened = paramiko.SFTPClient.from_transport(self._transport)
            if opened is None:
                raise paramiko.SSHException("no SFTP")
            self._sftp = opened
            self._sftp.get_channel().settimeout(self.door.timeout_seconds)  # type: ignore[union-attr]

    def _changed_key(self, what: str) -> HostKeyChanged:
        pinned = _fingerprint(_pinned(self.door.host_key)[1])
        return HostKeyChanged(
            f"host key of {self.door}: {what}, pinned is SHA256:{pinned}. "
            "Nothing was sent. Ask the bank before pinning another key",
            field="host_key",
        )

    @contextmanager
    def _plainly(self, action: str, *paths: str) -> Iterator[None]:
        """Every way the network and the server can fail, as one of the Refusals above."""
        try:
            yield
        except FileNotFoundError as problem:
            raise self._missing(paths) from problem
        except (paramiko.SSHException, EOFError, TimeoutError, ConnectionError) as problem:
            raise self._unreachable(action, problem) from problem
        except OSError as problem:
            if not paths or not self._transport.is_active():
                raise self._unreachable(action, problem) from problem
            raise self._refused(action, paths[0], problem) from problem

    def _unreachable(self, action: str, problem: Exception) -> BankUnreachable:
        reason = str(problem) or type(problem).__name__
        return BankUnreachable(f"bank {self.door}: could not {action}: {reason}", field="host")

    def _missing(self, paths: tuple[str, ...]) -> Refusal:
        for path in paths:
            if not self._is_folder(dirname(path)):
                return FolderMissing(dirname(path))
        return BankFileMissing(f"file {paths[0]}: is not on the bank's server", field="file")

    def _refused(self, action: str, path: str, problem: OSError) -> Refusal:
        words = str(problem).lower()
        if action == "write" and any(hint in words for hint in ("space", "quota", "failure")):
            # OpenSSH says no more than "Failure" when its disk is full.
            return BankDiskFull(
                f"file {path}: the bank's server stopped writing ({problem}); "
                "its disk is probably full",
                field="file",
            )
        return BankRefused(
            f"file {path}: the bank's server did not {action} it: {problem}", field="file"
        )

    def _is_folder(self, path: str) -> bool:
        try:
            return stat.S_ISDIR(self._sftp.stat(path).st_mode or 0)
        except FileNotFoundError:
            return False
        except (paramiko.SSHException, EOFError, OSError) as problem:
            raise self._unreachable("stat", problem) from problem


def check_private_key(pem: bytes) -> None:
    """Raises ClientKeyUnusable."""
    _private_key(pem)


def public_key_line(pem: bytes) -> str:
    """What the bank puts into its list of authorised keys."""
    key = _private_key(pem)
    return f"{key.get_name()} {key.get_base64()}"


def _private_key(pem: bytes) -> paramiko.PKey:
    for kind in KEY_KINDS:
        try:
            return kind.from_private_key(io.StringIO(pem.decode("ascii")))
        except (paramiko.SSHException, ValueError):
            continue
    raise ClientKeyUnusable(
        "client key: is not an unencrypted Ed25519, ECDSA or RSA private key", field="client_key"
    )


def _pinned(line: str) -> tuple[str, bytes]:
    """Kind and bytes of `ssh-ed25519 AAAA… comment`."""
    try:
        entry = paramiko.hostkeys.HostKeyEntry.from_line(f"bank {line.strip()}")
    except paramiko.hostkeys.InvalidHostKey:
        entry = None
    if entry is None or entry.key is None:
        raise Refusal(
            "host key: is not a public key line like `ssh-ed25519 AAAA…`", field="host_key"
        )
    return entry.key.get_name(), entry.key.asbytes()


def _fingerprint(key: bytes) -> str:
    digest = hashlib.sha256(key).digest()
    return base64.b64encode(digest).decode().rstrip("=")
