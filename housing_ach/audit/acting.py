"""Who did it: one session setting, read by the database wherever it writes history."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from django.db import DatabaseError, connection

_actor: ContextVar[str] = ContextVar("actor", default="")


def current_actor() -> str:
    return _actor.get()


@contextmanager
def acting(actor: str) -> Iterator[None]:
    """Everything this session writes inside the block is `actor`'s doing. Nests."""
    outer = _actor.set(actor)
    try:
        _tell_database(actor)
        yield
    finally:
        _actor.reset(outer)
        # In a failed transaction nothing can be said; its rollback restores the outer actor.
        with suppress(DatabaseError):
            _tell_database(_actor.get())


def _tell_database(actor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.actor', %s, false)", [actor])
