"""Who does a day's work: this process, the worker behind the broker, or a task in the worker itself.

All run the very tasks of the timetable. The worker's turn is over when the row it wrote says so: the
broker is a hint and tells nothing.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from housing_ach.celery import app
from housing_ach.clock.models import Run
from housing_ach.sandbox.bank.bank import AnsweringBank, reached_in

JOB = "sandbox turn"
TURN = "housing_ach.sandbox.tasks.turn"
PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.02


class NoAnswer(Exception):
    """The worker or the bank did not do its turn in time."""


class Driver(Protocol):
    def work(self, tasks: Sequence[str]) -> None: ...

    def bank_reaches(self, at: datetime) -> None: ...


class Here:
    """Tasks run in this process, one after the other."""

    def work(self, tasks: Sequence[str]) -> None:
        for name in tasks:
            app.tasks[name]()


class InProcess(Here):
    """The bank's brain is ticked by hand."""

    def __init__(self, bank: AnsweringBank) -> None:
        self.bank = bank
        app.loader.import_default_modules()

    def bank_reaches(self, at: datetime) -> None:
        self.bank.tick(at)


class ThroughWorker:
    """Tasks go through the broker; the bank is a process of its own that follows the clock."""

    def __init__(self, bank: AnsweringBank) -> None:
        self.bank = bank

    def work(self, tasks: Sequence[str]) -> None:
        ticket = uuid4().hex[:24]
        app.send_task(TURN, [list(tasks), ticket])
        _wait(lambda: turn_is_over(ticket), f"the worker's turn {tasks[0]}")

    def bank_reaches(self, at: datetime) -> None:
        _wait_for_bank(self.bank.folder, at, PATIENCE_SECONDS)


class InsideWorker(Here):
    """In a task of the worker itself; the bank is a process of its own that follows the clock."""

    def __init__(self, folder: Path, *, patience_seconds: float) -> None:
        self.folder = folder
        self.patience_seconds = patience_seconds

    def bank_reaches(self, at: datetime) -> None:
        _wait_for_bank(self.folder, at, self.patience_seconds)


def turn_is_over(ticket: str) -> bool:
    return Run.objects.filter(job=JOB, window=ticket, finished_at__isnull=False).exists()


def _wait_for_bank(folder: Path, at: datetime, seconds: float) -> None:
    def has_reached() -> bool:
        reached = reached_in(folder)
        return reached is not None and reached >= at

    _wait(has_reached, f"the bank at {at:%Y-%m-%d %H:%M}Z", seconds)


def _wait(done: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise NoAnswer(f"waited {seconds:g} s for {what}")
        time.sleep(LOOK_SECONDS)
