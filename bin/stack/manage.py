"""bin/manage: manage.py with the environment, the database and the broker it needs."""

import os
import signal
import sys

from bin.stack.django import CommandFailed, manage_aloud, quiet
from bin.stack.environment import Addresses
from bin.stack.places import var_dir
from bin.stack.servers import borrowed
from bin.stack.throwaway import throwaway

OWNERS_COMMANDS = frozenset({"migrate", "makemigrations", "showmigrations", "sqlmigrate"})


def main(arguments: list[str]) -> int:
    # Ctrl-C is the command's to answer; what was started for it is stopped afterwards.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if "--fresh" in arguments:
            return _on_a_fresh_database([item for item in arguments if item != "--fresh"])
        with borrowed(var_dir()) as where:
            return _manage(arguments, where.environment(_process(arguments), var=var_dir()))
    except CommandFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def _on_a_fresh_database(arguments: list[str]) -> int:
    os.environ.pop("VAULT_KEY_DIR", None)
    with throwaway() as servers:
        where: Addresses = servers.addresses
        return _manage(arguments, where.environment(_process(arguments), var=servers.var))


def _process(arguments: list[str]) -> str:
    return "owner" if OWNERS_COMMANDS & set(arguments[:1]) else "worker"


def _manage(arguments: list[str], env: dict[str, str]) -> int:
    # Plain http on loopback, as under bin/run.
    return manage_aloud(*arguments, env={"INSECURE_HTTP": "1"} | quiet(env))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
