"""Databases on loopback that speak TLS: real PostgreSQL behind it; of others what they are told first."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.tls import shown_on

# PostgreSQL's protocol: "may we speak TLS?", and "yes" (54.2.10, SSL Session Encryption).
SSL_REQUEST, YES = bytes.fromhex("0000000804d2162f"), b"S"
PATIENCE = 10


class Listener:
    """`shown` are the names callers proved, `heard` what each then said first."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.shown: list[str] = []
        self.heard: list[bytes] = []

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            plain.settimeout(PATIENCE)
            with plain, suppress(OSError):
                self.answer(plain)

    def answer(self, plain: socket.socket) -> None:
        with self.context.wrap_socket(plain, server_side=True) as line:
            self.shown.append(shown_on(line))
            self.heard.append(line.recv(1024))


class PostgresFront(Listener):
    """Asks as a server with `clientcert=verify-ca` does, then passes all on to the tests' own server."""

    def answer(self, plain: socket.socket) -> None:
        if plain.recv(8) != SSL_REQUEST:
            self.heard.append(b"no TLS")
            return
        plain.sendall(YES)
        with (
            self.context.wrap_socket(plain, server_side=True) as line,
            socket.socket(socket.AF_UNIX) as inside,
        ):
            # Only now a caller has seen whose certificate this is, and that its own was taken.
            if not (first := line.recv(1024)):
                return
            self.shown.append(shown_on(line))
            inside.connect(str(Path(os.environ["HMS_TEST_SOCKETS"]) / ".s.PGSQL.5432"))
            inside.sendall(first)
            back = threading.Thread(target=_pass_on, args=[inside, line])
            back.start()
            _pass_on(line, inside)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def listening(server: Listener) -> Iterator[Listener]:
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.socket.shutdown(socket.SHUT_RDWR)
        server.socket.close()
        thread.join()
