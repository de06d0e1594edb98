"""What the database itself fills in: which transaction, when, and who."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now

if TYPE_CHECKING:
    IntegerKind = models.Field[int, int]
else:
    IntegerKind = models.Field


class CurrentTxid(models.Func):
    template = "pg_current_xact_id()"
    arity = 0
    allowed_default = True


class ClockTimestamp(Now):
    """The moment of the statement, not of the transaction's start."""

    allowed_default = True

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="clock_timestamp()", **context)


class CurrentActor(models.Func):
    """Who `acting()` named; else the database's own log-in, so psql leaves its name as well."""

    template = "coalesce(nullif(current_setting('app.actor', true), ''), 'db:' || session_user)"
    arity = 0
    allowed_default = True


class CurrentRequest(models.Func):
    """The id of the request `acting()` was told of; empty outside one."""

    template = "coalesce(current_setting('app.request', true), '')"
    arity = 0
    allowed_default = True


class TxidField(IntegerKind):
    """The 64-bit id of the inserting transaction (xid8), given by the database alone.

    A reader that must not miss late commits asks for `txid < pg_snapshot_xmin(...)`; the chain
    recomputes a statement's rows by it.
    """

    description = "Transaction id"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        kwargs["db_default"] = CurrentTxid()
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"], kwargs["db_default"]
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        # xid8 has no casts from integers: text is the only way in.
        value = super().get_db_prep_value(value, connection, prepared)
        return str(value) if isinstance(value, int) else value
