"""States are tables, and a move is a compare-and-swap that writes its history with it.

A model that moves has a `status` and `MOVES`, which says for each status where it may go.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar, Protocol, cast

from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models.expressions import RawSQL
from django.db.models.sql import UpdateQuery

from housing_ach.shared.problems import Refusal

NAMED = 20


class Moving(Protocol):
    """What `move()` needs of a model."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]]
    status: Any
    pk: Any


class IllegalMove(Refusal):
    """The state table has no such move."""

    def __init__(self, model: type[models.Model], was: str, to: str, ids: Iterable[object]) -> None:
        name = model._meta.verbose_name
        super().__init__(f"{name}: {was} cannot become {to}", field="status", ids=ids)


class StaleState(Refusal):
    """Somebody else moved the row first."""

    def __init__(self, model: type[models.Model], to: str, ids: Sequence[object]) -> None:
        named = ", ".join(f"#{pk}" for pk in ids[:NAMED])
        more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
        name = model._meta.verbose_name
        super().__init__(
            f"{name} {named}{more}: changed meanwhile, so not moved to {to}",
            field="status",
            ids=ids,
        )


def move(
    row: models.Model,
    to: str,
    *,
    kind: str = "",
    data: Mapping[str, Any] | None = None,
    **updates: Any,
) -> None:
    """Move one row from the status it was read with, set `updates`, write the Event.

    Raises IllegalMove when the table forbids it, StaleState when the row changed since it was read.
    """
    model, was = type(row), str(cast("Moving", row).status)
    if to not in moves_of(model).get(was, frozenset()):
        raise IllegalMove(model, was, to, [row.pk])
    if not _swap(model._default_manager.filter(pk=row.pk), to, (was,), kind, data, updates)[0][1]:
        raise StaleState(model, to, [row.pk])
    for name, value in {"status": to, **updates}.items():
        if hasattr(value, "resolve_expression"):
            row.refresh_from_db(fields=[name])
        else:
            setattr(row, name, value)


def move_all(
    rows: models.QuerySet[Any] | type[models.Model],
    to: str,
    *,
    ids: Sequence[Any] | None = None,
    from_: str | Iterable[str] = (),
    data: Mapping[str, Any] | None = None,
    strict: bool = False,
    **updates: Any,
) -> list[Any]:
    """Move many rows in ONE statement, one Event each; returns the keys of those that moved.

    Only rows whose status allows it (and is among `from_`, when given) move. `strict` raises
    StaleState naming those that did not, and moves none.
    """
    queryset = rows if isinstance(rows, models.QuerySet) else rows._default_manager.all()
    model = queryset.model
    if ids is not None:
        queryset = queryset.filter(_among(model, ids))
    with transaction.atomic() if strict else nullcontext():
        told = _swap(queryset, to, _sources(model, to, from_), "", data, updates)
        left = [pk for pk, moved in told if not moved]
        if strict and left:
            raise StaleState(model, to, left)
    return [pk for pk, moved in told if moved]


def moves_of(model: type[models.Model]) -> Mapping[str, frozenset[str]]:
    return cast("type[Moving]", model).MOVES


def _sources(model: type[models.Model], to: str, from_: str | Iterable[str]) -> tuple[str, ...]:
    allowed = {was for was, targets in moves_of(model).items() if to in targets}
    asked = {str(from_)} if isinstance(from_, str) else {str(was) for was in from_}
    for was in sorted(asked - allowed):
        raise IllegalMove(model, was, to, [])
    return tuple(sorted(str(was) for was in asked or allowed))


def _among(model: type[models.Model], ids: Sequence[Any]) -> RawSQL:
    """Rows by key through one array parameter: 100,000 keys are one value, not as many."""
    table, key = _names(model)
    field = model._meta.pk
    values = [field.get_db_prep_value(pk, connection) for pk in ids]
    condition = f"{table}.{key} = ANY(%s::{field.rel_db_type(connection)}[])"
    return RawSQL(condition, (values,), models.BooleanField())  # noqa: S611 - the model's names


def _names(model: type[models.Model]) -> tuple[str, str]:
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), quote(str(model._meta.pk.column))


def _swap(
    rows: models.QuerySet[Any],
    to: str,
    sources: tuple[str, ...],
    kind: str,
    data: Mapping[str, Any] | None,
    updates: Mapping[str, Any],
) -> list[tuple[Any, bool]]:
    """Every wanted key and whether it moved.

    The rows are locked in the order of their keys, so two bulk moves wait and never deadlock;
    a row whose status changed while waiting is left alone. Other conditions are not looked at
    again: where they matter, the caller locks first.
    """
    model = rows.model
    try:
        wanted, wanted_params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    update, update_params = _update(model, {"status": to, **updates})
    table, key = _names(model)
    label = model._meta.label_lower
    sql = f"""
        WITH wanted AS MATERIALIZED (SELECT DISTINCT pk FROM ({wanted}) found (pk)),
        was AS MATERIALIZED (
            SELECT {key} AS pk, status FROM {table}
            WHERE {key} IN (SELECT pk FROM wanted) AND status = ANY(%s)
            ORDER BY {key} FOR NO KEY UPDATE
        ),
        moved AS (
            {update} FROM was WHERE {table}.{key} = was.pk RETURNING was.pk, was.status
        ),
        told AS (
            INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
            SELECT %s, %s, moved.pk::text, moved.status, %s, %s::jsonb FROM moved ORDER BY moved.pk
        )
        SELECT wanted.pk, moved.pk IS NOT NULL FROM wanted LEFT JOIN moved USING (pk)
        ORDER BY wanted.pk
    """  # noqa: S608 - names come from the model, values are parameters
    name = kind or f"{label.rpartition('.')[2]}.{to.lower()}"
    event = [name, label, to, json.dumps(data or {}, cls=DjangoJSONEncoder)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*wanted_params, list(sources), *update_params, *event])
        return list(cursor.fetchall())


def _update(model: type[models.Model], values: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """Django's own `UPDATE t SET ...`, so that fields convert and expressions work as ever."""
    query = cast("UpdateQuery", model._default_manager.all().query.chain(UpdateQuery))
    query.add_update_values(dict(values))
    sql, params = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(params)


def record(
    kind: str,
    subject: models.Model | str,
    subject_id: object = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """A plain Event; `subject` is a row, or a model's label with the row's id."""
    if isinstance(subject, models.Model):
        subject_id, subject = subject.pk, subject._meta.label_lower
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (kind, subject, subject_id, data, was, became)"
            " VALUES (%s, %s, %s, %s::jsonb, '', '')",
            [kind, subject, str(subject_id), json.dumps(data or {}, cls=DjangoJSONEncoder)],
        )
