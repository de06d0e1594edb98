"""Who did it, in which request: session settings the database reads wherever it writes history."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from django.db import DatabaseError, connection

NOBODY = ("", "")
TELL = "SELECT set_config('app.actor', %s, false), set_config('app.request', %s, false)"
_doing: ContextVar[tuple[str, str]] = ContextVar("doing", default=NOBODY)


def current_actor() -> str:
    return _doing.get()[0]


@contextmanager
def acting(actor: str, *, request_id: str = "") -> Iterator[None]:
    """Everything this session writes inside the block is `actor`'s doing. Nests; what is done inside a
    request stays that request's.
    """
    outer = _doing.set((actor, request_id or _doing.get()[1]))
    try:
        _tell_database()
        yield
    finally:
        _doing.reset(outer)
        # In a failed transaction nothing can be said; its rollback restores the outer actor.
        with suppress(DatabaseError):
            _tell_database()


def _tell_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TELL, _doing.get())
