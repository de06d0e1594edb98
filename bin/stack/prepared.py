"""A migrated database kept ready, so that tests and throw-away runs need not migrate again.

It is kept under the fingerprint of all that shapes it: the migrations, every module of ours they
import, the roles and the locked requirements.
"""

import ast
import contextlib
import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bin.stack.django import CommandFailed, manage, manage_aloud
from bin.stack.environment import DATABASE, Addresses, make_secret_key
from bin.stack.places import BASE
from bin.stack.postgres import Postgres, as_nobody

KEPT = 4
KEPT_SECONDS = 600


@dataclass(frozen=True)
class Prepared:
    data: Path
    keys: Path


def fingerprint() -> str:
    return digest([BASE / "deploy/roles.sql", *sorted(shaping_modules())])


def digest(paths: Iterable[Path]) -> str:
    """Of files of ours, and of what is installed."""
    found = hashlib.sha256()
    for path in [BASE / "requirements.txt", *paths]:
        found.update(str(path.relative_to(BASE)).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def shaping_modules() -> set[Path]:
    waiting = set((BASE / "housing_ach").glob("*/migrations/*.py"))
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= set(_imported(path)) - found
    return found


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            module = BASE / (name.replace(".", "/") + ".py")
            if name.startswith("housing_ach.") and module.exists():
                yield module


def prepared(cache: Path) -> Prepared:
    """Raises CommandFailed where the migrations fail."""
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    # What nobody owns lies elsewhere than what we own.
    folder = cache / (fingerprint() + ("-nobody" if as_nobody() else ""))
    with _locked(cache / f"{folder.name}.lock"):
        if not (folder / "ready").exists():
            _build(folder)
    _forget_old(cache)
    return Prepared(data=Postgres(folder, fast=True).data, keys=folder / "keys")


def _build(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    postgres = Postgres(folder, fast=True)
    shutil.rmtree(postgres.data, ignore_errors=True)
    postgres.start(folder / "log")
    try:
        create_database(postgres, DATABASE)
        where = addresses(postgres, DATABASE, broker="redis://127.0.0.1:1/0")
        # Its keys stay with it, whatever key folder the run that builds it uses.
        migrate(where, var=folder, VAULT_KEY_DIR=str(folder / "keys"))
    finally:
        postgres.stop()
    (folder / "ready").touch()


def create_database(postgres: Postgres, name: str) -> None:
    if name not in postgres.databases():
        postgres.run_sql(f"CREATE DATABASE {name}")
    postgres.run_sql((BASE / "deploy/roles.sql").read_text(), database=name)


def addresses(postgres: Postgres, name: str, *, broker: str) -> Addresses:
    urls = {role: postgres.url(role, name) for role in ("owner", "app", "worker")}
    return Addresses(**urls, broker=broker)


def migrate(where: Addresses, *, var: Path, aloud: bool = False, **changes: str) -> None:
    make_secret_key(var)
    owner = where.environment("owner", var=var) | changes
    if aloud and manage_aloud("migrate", "--noinput", env=owner):
        raise CommandFailed("the migrations failed")
    if not aloud:
        manage("migrate", "--noinput", "-v0", env=owner)
    manage("vault_init", env=where.environment("worker", var=var) | changes)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(cache: Path) -> None:
    ready = sorted(cache.glob("*/ready"), key=lambda path: -path.stat().st_mtime)
    for mark in ready[KEPT:]:
        if time.time() - mark.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(Postgres(mark.parent, fast=True).data, ignore_errors=True)
            shutil.rmtree(mark.parent, ignore_errors=True)
