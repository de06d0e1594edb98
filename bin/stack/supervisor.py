"""The product's processes: started in order, watched, started again when they die, stopped in order."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from bin.stack import children, machine_api
from bin.stack.django import command
from bin.stack.environment import Addresses
from bin.stack.places import BASE

STOP_ORDER = ("beat", "worker", "drop", "api", "web", "bank")
# A worker ends what it is at: setting a month's documents takes long on a small machine.
GRACE_SECONDS = {"beat": 5, "worker": 60, "drop": 5, "api": 12, "web": 12, "bank": 5}
API = "exec gunicorn housing_ach.wsgi --no-control-socket --config deploy/gunicorn_tls.py"
# A process that ends this soon after its start, this often in a row, is not started again.
SOON_SECONDS = 20
TRIES = 3


class GaveUp(Exception):
    """A process keeps ending; the message has the end of its log."""


@dataclass
class Stack:
    var: Path
    addresses: Addresses
    port: int
    bank_port: int
    with_bank: bool
    # Of the machine API, where each program shows its certificate; None: there is none.
    api_port: int | None = None
    # Of the file drop; 0: any that is free.
    drop_port: int = 0
    # Seconds between two looks of the sandbox bank at the clock.
    bank_every: float = 2
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def api_url(self) -> str:
        return f"https://127.0.0.1:{self.api_port}"

    @property
    def api_folder(self) -> Path:
        return self.var / "api"

    def environment(self, process: str) -> dict[str, str]:
        own = {
            "PORT": str(self.port),
            "FILE_DROP_PORT": str(self.drop_port),
            "INSECURE_HTTP": "1",
        }
        if self.api_port:
            own["API_URL"] = self.api_url
        if self.api_port and process == "api":
            own |= machine_api.environment(self.api_folder, self.api_port)
        path = f"{Path(sys.executable).parent}:"
        env = self.addresses.environment(process, var=self.var) | own
        env.setdefault("SITE_URL", self.url)
        return env | {"PATH": path + env.get("PATH", "/usr/bin:/bin")}

    def commands(self) -> dict[str, list[str]]:
        looks = ["--port", str(self.bank_port), "--every", str(self.bank_every)]
        bank = {"bank": command(["sandbox_bank", *looks])}
        api = {"api": ["sh", "-c", API]} if self.api_port else {}
        return (bank if self.with_bank else {}) | procfile() | api

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def start(self) -> None:
        for name in self.commands():
            self.start_one(name)

    def start_one(self, name: str) -> None:
        self.running[name] = children.start(
            self.commands()[name], log=self.log(name), env=self.environment(name), cwd=BASE
        )
        self.started[name] = time.monotonic()

    def revive(self) -> list[str]:
        """Start again what has ended; tells what. Raises GaveUp."""
        ended = [name for name, child in self.running.items() if child.poll() is not None]
        for name in ended:
            soon = time.monotonic() - self.started[name] < SOON_SECONDS
            self.failures[name] = self.failures.get(name, 0) + 1 if soon else 1
            if self.failures[name] >= TRIES:
                raise GaveUp(f"{name} keeps ending:\n{children.tail(self.log(name))}")
            children.kill_group(self.running[name])
            self.start_one(name)
        return ended

    def is_ready(self) -> bool:
        if self.with_bank and not listens(self.bank_port):
            return False
        if not all(listens(port) for port in (self.api_port, self.drop_port) if port):
            return False
        try:
            with urllib.request.urlopen(f"{self.url}readyz", timeout=3) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self, *, hurry: bool = False) -> list[str]:
        """The names of those that had to be killed."""
        late = [
            name
            for name in STOP_ORDER
            if name in self.running
            and not children.stop(
                self.running[name],
                by=signal.SIGTERM,
                grace=0.1 if hurry else GRACE_SECONDS[name],
            )
        ]
        self.running.clear()
        return late


def procfile() -> dict[str, list[str]]:
    lines = (BASE / "Procfile").read_text().splitlines()
    parts = [line.split(":", 1) for line in lines if ":" in line and not line.startswith("#")]
    return {name: ["sh", "-c", f"exec {line.strip()}"] for name, line in parts}


def listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port(wanted: int) -> int:
    """The wanted one, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("no port is free on 127.0.0.1")
