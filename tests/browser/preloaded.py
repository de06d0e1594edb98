"""The product loaded once, as the web runs it; then a gunicorn for each database that is named.

A line of standard input names a database and its anchor file; the answer is the process, of a group of its
own that whoever asked has to end, and the port it listens at.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication

from housing_ach.wsgi import application

OPTIONS = {"threads": 4, "control_socket_disable": True, "loglevel": "warning"}


class Server(BaseApplication):
    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        super().__init__()

    def load_config(self) -> None:
        listener = {"bind": f"fd://{self.listener.fileno()}"}
        for name, value in {**OPTIONS, **listener}.items():
            self.cfg.set(name, value)

    def load(self):
        return application


def serve(listener: socket.socket, *, name: str, anchor: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connections.settings["default"]["NAME"] = name
    settings.AUDIT_ANCHOR_FILE = Path(anchor)
    Server(listener).run()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    assert get_resolver().url_patterns
    for line in sys.stdin:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            pid = os.fork()
            if pid == 0:
                serve(listener, **json.loads(line))
                os._exit(0)
            os.setpgid(pid, pid)
            sys.stdout.write(json.dumps([pid, listener.getsockname()[1]]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
