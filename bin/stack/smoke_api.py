"""bin/smoke-api: the commands of docs/integration.md, one after the other, over mutual TLS.

Against the whole product in a temporary folder: its processes, its bank, its made-up months, a pretend
ERP. What a reader of that page types is what runs here.
"""

import re
import signal
import subprocess
import sys
import threading
import time

from bin.stack import erp_demo, machine_api, smoke
from bin.stack.django import CommandFailed, Interrupted, manage, manage_watched, quiet
from bin.stack.places import BASE
from bin.stack.run import say
from bin.stack.smoke import Failed
from bin.stack.supervisor import GaveUp, Stack, free_port
from bin.stack.throwaway import Throwaway, throwaway

PAGE = BASE / "docs/integration.md"
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STOP = threading.Event()


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: STOP.set())
    began = time.monotonic()
    say("a migrated database in a temporary folder")
    try:
        with throwaway() as servers:
            against(servers)
    except (Failed, CommandFailed, GaveUp) as failure:
        say(f"smoke-api: {failure}")
        return 1
    except Interrupted:
        return 130
    say(f"smoke-api: passed in {time.monotonic() - began:.0f} s")
    return 0


def against(servers: Throwaway) -> None:
    stack = Stack(
        var=servers.var,
        addresses=servers.addresses,
        port=free_port(0),
        bank_port=free_port(0),
        with_bank=True,
        bank_every=0.1,
        api_port=free_port(0),
        drop_port=free_port(0),
    )
    try:
        through(stack, servers)
    except (Failed, CommandFailed) as failure:
        raise Failed(f"{failure}\n{smoke.logs(stack)}") from failure
    finally:
        late = stack.stop()
    smoke.complain(servers, late)


def through(stack: Stack, servers: Throwaway) -> None:
    env = quiet(stack.environment("worker"))
    manage("collectstatic", "--noinput", "-v0", env=env)
    say("demo data: a housing organisation's last months")
    manage_watched("demo", env=env, stopped=STOP.is_set)
    erp_demo.set_up(servers.postgres, env)
    machine_api.make_certificates(stack.api_folder)
    manage("demo_client", env=env)
    stack.start()
    smoke.wait_until_ready(stack, STOP.is_set)
    say(f"started {', '.join(stack.running)}; now the page")
    follow(stack, env)
    manage_watched("verify", env=env, stopped=STOP.is_set)
    if ended := stack.revive():
        raise Failed(f"ended on the way: {', '.join(ended)}")


def follow(stack: Stack, env: dict[str, str]) -> None:
    """In one shell, that ends at the first command which fails."""
    blocks = COMMANDS.findall(PAGE.read_text())
    if not blocks:
        raise Failed(f"{PAGE.name} has no commands")
    own = {
        "HMS_API": str(stack.api_folder / machine_api.NOTE),
        "OWNER_DATABASE_URL": stack.addresses.owner,
        "WORKER_DATABASE_URL": stack.addresses.worker,
    }
    script = "set -euo pipefail\n" + "\n".join(echoed(block) for block in blocks)
    page = stack.var / "page.sh"
    page.write_text(script)
    done = subprocess.run(["bash", page], cwd=BASE, env=env | own, check=False)
    if done.returncode:
        raise Failed(f"{PAGE.name}: a command ended with {done.returncode}")


def echoed(block: str) -> str:
    """The reader sees what runs."""
    shown = "\n".join(f"$ {line}" for line in block.strip().splitlines())
    return f"cat <<'SHOWN'\n{shown}\nSHOWN\n{block}"


if __name__ == "__main__":
    sys.exit(main())
