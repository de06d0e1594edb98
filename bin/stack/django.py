"""manage.py in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from bin.stack.places import BASE


class CommandFailed(Exception):
    """A management command ended with an error; the message is what it printed."""


class Interrupted(Exception):
    """Ctrl-C, or the terminal is gone."""


def manage(*arguments: str, env: dict[str, str]) -> None:
    """Quietly: its output is shown only where it fails."""
    output(*arguments, env=env)


def output(*arguments: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        command(arguments),
        cwd=BASE,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise CommandFailed(f"manage.py {' '.join(arguments)}\n{done.stdout}{done.stderr}".strip())
    return done.stdout


def manage_aloud(*arguments: str, env: dict[str, str]) -> int:
    return subprocess.run(command(arguments), cwd=BASE, env=env, check=False).returncode


def manage_watched(*arguments: str, env: dict[str, str], stopped: Callable[[], bool]) -> None:
    """Aloud, while `stopped` is asked. Raises Interrupted or CommandFailed."""
    child = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *command(arguments)],
        cwd=BASE,
        env=env,
        start_new_session=True,
    )
    while child.poll() is None:
        if stopped():
            child.terminate()
            child.wait()
            raise Interrupted
        time.sleep(0.05)
    if child.returncode:
        raise CommandFailed(f"manage.py {' '.join(arguments)} ended with {child.returncode}")


def command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, str(BASE / "manage.py"), *arguments]


def quiet(env: dict[str, str]) -> dict[str, str]:
    """For a command that talks to a person: no log lines between its own, unless asked for."""
    return {"LOG_LEVEL": "WARNING"} | env
