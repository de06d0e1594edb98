"""The web process on a database of a throwaway server, and requests to it."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
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


class Caller:
    """A program with its token, on a connection it keeps."""

    def __init__(self, server: Server, headers: Mapping[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        self.headers = dict(headers or {})

    def call(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[float, int, bytes]:
        began = time.perf_counter()
        self.connection.request(method, path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        said = answer.read()
        return time.perf_counter() - began, answer.status, said


@contextmanager
def served(
    servers: Throwaway,
    database: str,
    *,
    workers: int = 1,
    application: str = "housing_ach.wsgi",
    more: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    env = servers.addresses.environment("web", var=servers.var) | {"INSECURE_HTTP": "1"}
    env.update(more or {})
    env["DATABASE_URL"] = servers.postgres.url("app", database)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        command = ["-m", "gunicorn", application, "--bind", f"fd://{listener.fileno()}"]
        options = ["--workers", str(workers), "--no-control-socket", "--log-level", "warning"]
        process = subprocess.Popen(
            [sys.executable, *command, *options], env=env, pass_fds=[listener.fileno()], cwd=BASE
        )
        try:
            yield Server(listener.getsockname()[1])
        finally:
            process.terminate()
            process.wait()
