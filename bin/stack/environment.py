"""Which database role, keys and folders each process is given."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from bin.stack.places import BASE, var_dir

# These processes face the network: the role that cannot read sealed secrets nor change history, and
# only the public half of the money keys.
OUTSIDE = frozenset({"web", "api", "drop"})
DATABASE = "hms"


@dataclass(frozen=True)
class Addresses:
    """What the processes connect to: our own servers, or the real ones of the environment."""

    owner: str
    app: str
    worker: str
    broker: str

    def environment(self, process: str, *, var: Path) -> dict[str, str]:
        database = {"owner": self.owner}.get(process) or (
            self.app if process in OUTSIDE else self.worker
        )
        own = {
            "DJANGO_SETTINGS_MODULE": "housing_ach.settings",
            "DATABASE_URL": database,
            "REDIS_URL": self.broker,
            "HMS_VAR": str(var),
            "VAULT_KEY_DIR": os.environ.get("VAULT_KEY_DIR", str(var / "keys")),
            "VAULT_MONEY_PRIVATE": "0" if process in OUTSIDE else "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(BASE),
        }
        without = {"OWNER_DATABASE_URL", "WORKER_DATABASE_URL"}
        return {key: value for key, value in os.environ.items() if key not in without} | own


def real_database() -> tuple[str, str, str] | None:
    """Owner, web and worker URLs of a real server, where the environment names one."""
    app = os.environ.get("DATABASE_URL")
    if not app:
        return None
    owner = os.environ.get("OWNER_DATABASE_URL")
    if not owner:
        raise SystemExit(
            "DATABASE_URL is set: set OWNER_DATABASE_URL too, migrations run as hms_owner"
        )
    return owner, app, os.environ.get("WORKER_DATABASE_URL") or app


def make_secret_key(var: Path) -> None:
    """Once; only its owner may read it."""
    keys = var / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with open(keys / "secret_key", "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


if __name__ == "__main__":
    make_secret_key(var_dir())
