"""Child processes that end with us: in order when we stop them, by a signal when we are killed."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


def start(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: dict[str, str],
    cwd: Path,
    wrap: Sequence[str] = (),
    dying: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Its own session, so that Ctrl-C reaches us alone; `dying` reaches it if we are killed.

    Call it from the main thread: Linux sends `dying` when the thread that started the child ends.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            [*wrap, "setpriv", "--pdeathsig", dying.name.removeprefix("SIG"), *map(str, argv)],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(
    child: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, grace: float = 10
) -> bool:
    """Ask, wait, then kill its whole group. False where it had to be killed."""
    if child.poll() is None:
        child.send_signal(by)
    try:
        child.wait(grace)
        in_time = True
    except subprocess.TimeoutExpired:
        in_time = False
    kill_group(child)
    return in_time


def kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def tail(log: Path, lines: int = 15) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def gone(pid: int, *, within: float) -> bool:
    """Whether a process that is not our child has ended."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False
