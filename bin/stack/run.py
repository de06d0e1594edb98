"""bin/run: everything of the product under one command, on one machine."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from bin.stack import erp_demo, machine_api, smoke
from bin.stack.django import (
    CommandFailed,
    Interrupted,
    command,
    manage,
    manage_watched,
    output,
    quiet,
)
from bin.stack.places import BASE, var_dir
from bin.stack.prepared import digest, fingerprint, migrate
from bin.stack.servers import Busy, Servers, owned
from bin.stack.supervisor import GaveUp, Stack, free_port

STOP, HURRY = threading.Event(), threading.Event()
STARTED = time.monotonic()
BIGGEST_LOG = 20_000_000


def say(text: str) -> None:
    # The terminal may be gone, and stopping must go on.
    with contextlib.suppress(OSError):
        print(f":: {text}", flush=True)


def seconds() -> str:
    return f"{time.monotonic() - STARTED:.1f} s"


def on_signal(*_: object) -> None:
    if STOP.is_set():
        HURRY.set()
    STOP.set()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/run", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--bank-port", type=int, default=2222, help="of the sandbox bank (SFTP)")
    parser.add_argument("--api-port", type=int, default=8443, help="of the machine API (https)")
    parser.add_argument("--drop-port", type=int, default=2223, help="of the file drop (SFTP)")
    parser.add_argument("--smoke", action="store_true", help="try the whole stack, then stop")
    options = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        if options.smoke:
            return smoke.main(say, stopped=STOP.is_set)
        return serve(var_dir(), options)
    except (CommandFailed, GaveUp, smoke.Failed) as failure:
        say(str(failure))
        return 1
    except Interrupted:
        return 130


def serve(var: Path, ports: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        servers = take_over(var, stack)
        say(f"database and broker are up ({seconds()})")
        stack.callback(say, "stopped")
        prepare(servers)
        live = os.environ.get("LIVE_MODE", "").lower() in {"1", "true", "yes", "on"}
        product = Stack(
            var=var,
            addresses=servers.addresses,
            port=free_port(ports.port),
            bank_port=free_port(ports.bank_port),
            with_bank=not live,
            api_port=None if live else free_port(ports.api_port),
            drop_port=free_port(ports.drop_port),
        )
        if not live:
            demo(product, servers.demo)
            if servers.postgres:
                erp_demo.set_up(servers.postgres, quiet(product.environment("worker")))
            introduce(product, anew=servers.is_new)
        shrink_logs(var / "log")
        stack.callback(stop, product)
        product.start()
        say(f"started {', '.join(product.running)} ({seconds()})")
        watch(product, live=live)
    return 0


def take_over(var: Path, stack: contextlib.ExitStack) -> Servers:
    waiting = False
    while not STOP.is_set():
        try:
            return stack.enter_context(owned(var, by="bin/run", guests_first=False))
        except Busy as busy:
            if "bin/run" in str(busy):
                raise SystemExit(f":: already running: {busy}") from None
            if not waiting:
                say(f"waiting for {busy} to finish")
            waiting = True
            STOP.wait(0.2)
    raise Interrupted


def prepare(servers: Servers) -> None:
    """Migrations, keys and static files, where they have changed since the last start."""
    static = start_static(servers)
    try:
        prepare_database(servers)
    finally:
        failed = static.wait() if static else 0
    if failed:
        raise CommandFailed("collectstatic failed")
    note_static(servers).write_text(static_fingerprint())
    say(f"database and static files are ready ({seconds()})")
    if STOP.is_set():
        raise Interrupted


def prepare_database(servers: Servers) -> None:
    note = servers.var / "migrated"
    wanted = fingerprint()
    if servers.postgres and not servers.is_new and note.exists() and note.read_text() == wanted:
        return
    say("migrating")
    note.unlink(missing_ok=True)
    migrate(servers.addresses, var=servers.var, aloud=servers.is_new)
    note.write_text(wanted)


def start_static(servers: Servers) -> subprocess.Popen[bytes] | None:
    note = note_static(servers)
    if note.exists() and note.read_text() == static_fingerprint():
        return None
    (servers.var / "static").mkdir(exist_ok=True)
    return subprocess.Popen(
        command(["collectstatic", "--noinput", "-v0"]),
        cwd=BASE,
        env=servers.addresses.environment("worker", var=servers.var),
        start_new_session=True,
    )


def note_static(servers: Servers) -> Path:
    return servers.var / "collected"


def static_fingerprint() -> str:
    folders = (BASE / "static", BASE / "build" / "static")
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return digest(sorted(files))


def demo(product: Stack, note: Path) -> None:
    """Once, aloud: it plays months of rent, with its own progress bar."""
    if note.exists() and note.read_text() == "done":
        return
    say("demo data: a housing organisation's last months, a minute or two")
    note.write_text("began")
    env = quiet(product.environment("worker"))
    manage_watched("demo", env=env, stopped=STOP.is_set)
    note.write_text("done")


def introduce(product: Stack, *, anew: bool) -> None:
    """Once for a database and an address: certificates, and a program that is let in by its own."""
    note = product.api_folder / machine_api.NOTE
    made = machine_api.make_certificates(product.api_folder)
    known = not (made or anew) and note.exists()
    if known and json.loads(note.read_text())["api"] == product.api_url:
        return
    manage("demo_client", env=quiet(product.environment("worker")))


def watch(product: Stack, *, live: bool) -> None:
    told = False
    while not STOP.wait(0.2):
        for name in product.revive():
            say(f"{name} ended and was started again, see {product.log(name)}")
        if not told and product.is_ready():
            told = True
            welcome(product, live=live)


def welcome(product: Stack, *, live: bool) -> None:
    say(f"ready in {seconds()}: {product.url}")
    if not live:
        log_ins = output("demo", env=product.environment("worker"))
        say("demo log-ins, second factor by bin/manage otp EMAIL\n" + log_ins.rstrip())
        say(f"machine API: {product.api_url}, for programs with a certificate; one's own is")
        say(f"  named in {product.api_folder / machine_api.NOTE}")
        say(f"sandbox bank: sftp on 127.0.0.1:{product.bank_port}")
    say(f"file drop: sftp on 127.0.0.1:{product.drop_port}, with keys of bin/manage ssh_key")
    say("logs: " + str(product.var / "log") + "    Ctrl-C stops everything")


def stop(product: Stack) -> None:
    say("stopping")
    for name in product.stop(hurry=HURRY.is_set()):
        say(f"{name} did not stop in time and was killed")


def shrink_logs(folder: Path) -> None:
    for log in folder.glob("*.log"):
        if log.stat().st_size > BIGGEST_LOG:
            log.rename(log.with_suffix(".log.1"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
