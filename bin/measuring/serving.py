"""The web process on a database of a throwaway server, and requests to it."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bin.stack.places import BASE
from bin.stack.throwaway import Throwaway


@dataclass(frozen=True)
class Page:
    path: str
    cookie: str


@dataclass(frozen=True)
class Server:
    port: int

    def ask(self, page: Page) -> tuple[float, int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.perf_counter()
        connection.request("GET", page.path, headers={"Cookie": page.cookie})
        answer = connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        connection.close()
        return took, answer.status, body


@contextmanager
def served(servers: Throwaway, database: str) -> Iterator[Server]:
    env = servers.addresses.environment("web", var=servers.var) | {"INSECURE_HTTP": "1"}
    env["DATABASE_URL"] = servers.postgres.url("app", database)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        command = ["-m", "gunicorn", "housing_ach.wsgi", "--bind", f"fd://{listener.fileno()}"]
        options = ["--workers", "1", "--no-control-socket", "--log-level", "warning"]
        process = subprocess.Popen(
            [sys.executable, *command, *options], env=env, pass_fds=[listener.fileno()], cwd=BASE
        )
        try:
            yield Server(listener.getsockname()[1])
        finally:
            process.terminate()
            process.wait()
