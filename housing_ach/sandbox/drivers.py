"""Who does a day's work: this process, or the worker behind the broker.

Both run the very tasks of the timetable. The worker's turn is over when the row it wrote says so: the
broker is a hint and tells nothing.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from housing_ach.celery import app
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.tasks import turn, turn_is_over

PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.02


class NoAnswer(Exception):
    """The worker or the bank did not do its turn in time."""


class Driver(Protocol):
    def work(self, tasks: Sequence[str]) -> None: ...

    def bank_reaches(self, at: datetime) -> None: ...


class InProcess:
    """Tasks run here one after the other; the bank's brain is ticked by hand."""

    def __init__(self, bank: AnsweringBank) -> None:
        self.bank = bank
        app.loader.import_default_modules()

    def work(self, tasks: Sequence[str]) -> None:
        for name in tasks:
            app.tasks[name]()

    def bank_reaches(self, at: datetime) -> None:
        self.bank.tick(at)


class ThroughWorker:
    """Tasks go through the broker; the bank is a process of its own that follows the clock."""

    def __init__(self, bank: AnsweringBank) -> None:
        self.bank = bank

    def work(self, tasks: Sequence[str]) -> None:
        ticket = uuid4().hex[:24]
        turn.delay(list(tasks), ticket)
        _wait(lambda: turn_is_over(ticket), f"the worker's turn {tasks[0]}")

    def bank_reaches(self, at: datetime) -> None:
        _wait(lambda: self._has_reached(at), f"the bank at {at:%Y-%m-%d %H:%M}Z")

    def _has_reached(self, at: datetime) -> bool:
        reached = self.bank.reached()
        return reached is not None and reached >= at


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > end:
            raise NoAnswer(f"waited {PATIENCE_SECONDS} s for {what}")
        time.sleep(LOOK_SECONDS)
