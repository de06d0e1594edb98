"""The database beside the server's loop: each question in a thread, on a connection of its own."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import asyncssh
from django.db import DatabaseError, connection

from housing_ach.audit.acting import acting
from housing_ach.shared.problems import Refusal

THREADS = 4
T = TypeVar("T")

log = logging.getLogger(__name__)


class Keeper:
    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="file-drop")

    async def ask(self, client_id: str, do: Callable[..., T], *args: Any, **more: Any) -> T:
        """Done by the client. What is refused, or cannot be done now, is told as SFTP tells it."""
        job = partial(_alone, client_id, partial(do, *args, **more))
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, job)
        except Refusal as refusal:
            raise asyncssh.SFTPFailure(str(refusal)) from refusal
        except DatabaseError as problem:
            log.error("file drop: %s", type(problem).__name__)  # noqa: TRY400 - its words may hold data
            raise asyncssh.SFTPFailure("Not now; come back later") from problem

    def close(self) -> None:
        self.threads.shutdown()


def _alone(client_id: str, do: Callable[[], T]) -> T:
    try:
        with acting(f"client:{client_id}"):
            return do()
    finally:
        connection.close()
