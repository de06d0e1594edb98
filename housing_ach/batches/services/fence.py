"""Who may work on a file: one process at a time, and never one that was overtaken."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError, connection, transaction

from housing_ach.audit.move import move
from housing_ach.batches.models import BankFile
from housing_ach.shared.problems import Refusal


class Fenced(Refusal):
    """Another process took the file over while this one stood still; this one stops."""


@contextmanager
def holding(file_id: int) -> Iterator[bool]:
    """False when another process works on the file.

    A session lock: it dies with its process, and no row is locked across the network.
    """
    key = [f"{BankFile._meta.db_table}:{file_id}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            # Where the connection is gone, the lock went with it.
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def own(file: BankFile) -> None:
    """Lock the row for this transaction; raises Fenced unless status and attempt are those known."""
    now = BankFile.objects.select_for_update().get(pk=file.pk)
    if (now.status, now.attempt) != (file.status, file.attempt):
        raise Fenced(
            f"file {file}: another process made it {now.status} (attempt {now.attempt})",
            field="attempt",
            ids=[file.pk],
        )


def step(file: BankFile, became: str, **updates: Any) -> None:
    """Compare-and-swap on status and attempt, with its Event; raises Fenced."""
    with transaction.atomic():
        own(file)
        move(file, became, **updates)
