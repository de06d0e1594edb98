"""bin/run --smoke: the whole stack in a temporary folder, lived through, looked at, proved, stopped."""

import json
import re
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bin.stack import children, machine_api
from bin.stack.browser import Browser, Page
from bin.stack.django import CommandFailed, Interrupted, manage, manage_watched, output, quiet
from bin.stack.supervisor import Stack, free_port
from bin.stack.throwaway import Throwaway, throwaway

READY_SECONDS = 60
MONTH = ("--days", "45", "--seed", "7", "--leases", "200")
Say = Callable[[str], None]


class Failed(Exception):
    """Something of the stack did not do what it should; the message says what."""


def main(say: Say, *, stopped: Callable[[], bool]) -> int:
    began = time.monotonic()
    say("a migrated database in a temporary folder")
    with throwaway() as servers:
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
            through(stack, say, stopped)
        except (Failed, CommandFailed) as failure:
            raise Failed(f"smoke: {failure}\n{logs(stack)}") from failure
        finally:
            late = stack.stop()
        complain(servers, late)
    say(f"smoke: passed in {time.monotonic() - began:.0f} s")
    return 0


def through(stack: Stack, say: Say, stopped: Callable[[], bool]) -> None:
    env = stack.environment("worker")
    manage("collectstatic", "--noinput", "-v0", env=env)
    machine_api.make_certificates(stack.api_folder)
    stack.start()
    wait_until_ready(stack, stopped)
    say(f"started {', '.join(stack.running)}; now the month, through the worker and SFTP")
    manage_watched("simulate", *MONTH, "--through-worker", env=quiet(env), stopped=stopped)
    say("opening every admin page")
    say(f"{look_around(stack)} pages opened")
    say("calling the machine API, with a certificate and without")
    call(stack)
    manage_watched("verify", env=quiet(env), stopped=stopped)
    if ended := stack.revive():
        raise Failed(f"ended on the way: {', '.join(ended)}")


def wait_until_ready(stack: Stack, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + READY_SECONDS
    while not stack.is_ready():
        if stopped():
            raise Interrupted
        if time.monotonic() > end or stack.revive():
            raise Failed("the stack did not become ready")
        time.sleep(0.2)


def look_around(stack: Stack) -> int:
    """Health, then as the administrator every page the admin links to. Gives their number."""
    visitor = Browser(stack.url)
    for path in ("healthz", "readyz"):
        expect(visitor.get(path), path)
    stranger = visitor.get("admin/")
    if "/login/" not in stranger.url:
        raise Failed(f"a stranger was let into {stranger.url}")
    browser = Browser(stack.url)
    sign_in(browser, stack)
    return crawl(browser)


def call(stack: Stack) -> None:
    """The demo program asks for a token and reads; a stranger does not come as far as to ask."""
    manage("demo_client", env=quiet(stack.environment("worker")))
    note = json.loads((stack.api_folder / machine_api.NOTE).read_text())
    line = ssl.create_default_context(cafile=note["ca"])
    line.load_cert_chain(note["certificate"], note["key"])
    form = {"grant_type": "client_credentials", "client_id": note["client_id"]}
    asked = urllib.request.Request(
        note["token_endpoint"], data=urllib.parse.urlencode(form).encode()
    )
    token = _said(asked, line)["access_token"]
    read = urllib.request.Request(
        f"{note['api']}/api/v1/properties", headers={"Authorization": f"Bearer {token}"}
    )
    if not _said(read, line)["data"]:
        raise Failed("the machine API told the demo program of no property")
    try:
        _said(read, ssl.create_default_context(cafile=note["ca"]))
    except (OSError, ssl.SSLError):
        return
    raise Failed("the machine API let somebody in without a certificate")


def _said(asked: urllib.request.Request, line: ssl.SSLContext) -> Any:
    with urllib.request.urlopen(asked, context=line, timeout=30) as answer:
        return json.load(answer)


def sign_in(browser: Browser, stack: Stack) -> None:
    env = stack.environment("worker")
    email, _, password = administrator(output("demo", env=env))
    code = output("otp", email, env=env).split()[-1]
    form = browser.get("account/login/?next=/admin/")
    asked = browser.submit(form, **{"auth-username": email, "auth-password": password})
    page = browser.submit(asked, **{"token-otp_token": code})
    if page.status != 200 or "/login/" in page.url:
        raise Failed(f"{email} could not sign in with a second factor: {page.status} {page.url}")


def administrator(log_ins: str) -> list[str]:
    for line in log_ins.splitlines():
        if len(line.split()) == 3 and line.split()[1] == "admin":
            return line.split()
    raise Failed(f"no administrator among the demo log-ins:\n{log_ins}")


def crawl(browser: Browser) -> int:
    """Home, the index, every list, and of every list its first record and that one's history."""
    home = browser.get("/desk/status/")
    index = browser.get("/admin/")
    expect(home, "/desk/status/")
    expect(index, "/admin/")
    opened = 2
    lists = [
        path
        for path in browser.links(index, under="/admin/")
        if re.fullmatch(r"/admin/\w+/\w+/", path)
    ]
    if not lists:
        raise Failed("the admin's index lists nothing")
    for path in lists:
        listing = browser.get(path)
        expect(listing, path)
        records = [link for link in browser.links(listing, under=path) if link.endswith("/change/")]
        adding = [link for link in browser.links(listing, under=path) if link.endswith("/add/")]
        for further in [*adding[:1], *records[:1]]:
            expect(browser.get(further), further)
            opened += 1
        for record in records[:1]:
            history = record.removesuffix("change/") + "history/"
            expect(browser.get(history), history)
            opened += 1
        opened += 1
    return opened


def expect(page: Page, path: str) -> None:
    if page.status != 200 or "/login/" in page.url:
        raise Failed(f"{path} answered {page.status} at {page.url}")


def complain(servers: Throwaway, late: list[str]) -> None:
    if late:
        tails = [children.tail(servers.var / "log" / f"{name}.log", 40) for name in late]
        raise Failed("\n".join([f"did not stop in time: {', '.join(late)}", *tails]))
    for log in sorted((servers.var / "log").glob("*.log")):
        if "Traceback (most recent call last)" in log.read_text(errors="replace"):
            raise Failed(f"an error in the log of {log.stem}:\n{children.tail(log, 40)}")


def logs(stack: Stack) -> str:
    """The ends of all logs: the folder they are in is about to go."""
    found: list[Path] = sorted((stack.var / "log").glob("*.log"))
    return "\n".join(f"--- {log.stem}\n{children.tail(log, 20)}" for log in found)
