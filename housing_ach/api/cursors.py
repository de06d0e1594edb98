"""A page of rows in the order of their ids; where the next begins is a signed text nobody makes up.

So is where the one before it ends: who walks back sees the pages he came by.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

LIMIT, MOST = 50, 200
PARAMETERS = frozenset({"limit", "cursor"})
# Without a time in it: the same page is told in the same words, whenever it is asked for.
SIGNER = signing.Signer(salt="housing_ach.api.cursors")

Row = TypeVar("Row", bound=Model)


class Edge(NamedTuple):
    """A page begins after this id, or ends before it."""

    pk: int = 0
    is_end: bool = False


def page_of(
    request: Request,
    rows: QuerySet[Row],
    shown: Callable[[list[Row]], list[dict[str, Any]]],
    *,
    place: str,
) -> dict[str, Any]:
    """`place` is what the list is of: a cursor of another list is none here."""
    limit, edge = limit_of(request), _edge(request, place)
    found = _found(rows, edge, limit + 1)
    beyond = len(found) > limit
    found = found[-limit:] if edge.is_end else found[:limit]
    # Whoever comes by a cursor has seen what is on its other side.
    has_more = edge.is_end or beyond
    has_less = beyond if edge.is_end else edge.pk > 0
    first, last = (found[0].pk, found[-1].pk) if found else _around(edge)
    return {
        "object": "list",
        "data": shown(found),
        "has_more": has_more,
        "next_cursor": _signed(place, Edge(last)) if has_more else None,
        "previous_cursor": _signed(place, Edge(first, is_end=True)) if has_less else None,
    }


def limit_of(request: Request) -> int:
    given = request.query_params.get("limit", str(LIMIT))
    if not (given.isascii() and given.isdigit()) or not 0 < int(given[:9]) <= MOST:
        raise ValidationError({"limit": [f"A number from 1 to {MOST}."]})
    return int(given)


def _found(rows: QuerySet[Row], edge: Edge, most: int) -> list[Row]:
    """In the order of ids, whichever way they are looked for."""
    if edge.is_end:
        return list(rows.filter(pk__lt=edge.pk).order_by("-pk")[:most])[::-1]
    return list(rows.filter(pk__gt=edge.pk).order_by("pk")[:most])


def _around(edge: Edge) -> tuple[int, int]:
    """Of a page whose rows are gone: where the one before it ends, and where the next begins."""
    return (edge.pk, edge.pk - 1) if edge.is_end else (edge.pk + 1, edge.pk)


def _signed(place: str, edge: Edge) -> str:
    return SIGNER.sign_object([place, *edge])


def _edge(request: Request, place: str) -> Edge:
    if not (given := request.query_params.get("cursor")):
        return Edge()
    try:
        of, *edge = SIGNER.unsign_object(given)
    except (signing.BadSignature, ValueError, TypeError):
        of, edge = "", []
    if of != place:
        raise ValidationError({"cursor": ["Not a cursor of this list."]})
    return Edge(*edge)
