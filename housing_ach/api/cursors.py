"""A page of rows in the order of their ids; where the next begins is a signed text nobody makes up."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

LIMIT, MOST = 50, 200
PARAMETERS = frozenset({"limit", "cursor"})

Row = TypeVar("Row", bound=Model)


def page_of(
    request: Request,
    rows: QuerySet[Row],
    shown: Callable[[list[Row]], list[dict[str, Any]]],
    *,
    place: str,
) -> dict[str, Any]:
    """`place` is what the list is of: a cursor of another list is none here."""
    limit = limit_of(request)
    after = _after(request, place)
    found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {
        "object": "list",
        "data": shown(found),
        "has_more": more,
        "next_cursor": signing.dumps([place, found[-1].pk], compress=False) if more else None,
    }


def limit_of(request: Request) -> int:
    given = request.query_params.get("limit", str(LIMIT))
    if not (given.isascii() and given.isdigit()) or not 0 < int(given[:9]) <= MOST:
        raise ValidationError({"limit": [f"A number from 1 to {MOST}."]})
    return int(given)


def _after(request: Request, place: str) -> int:
    if not (given := request.query_params.get("cursor")):
        return 0
    try:
        of, after = signing.loads(given)
    except (signing.BadSignature, ValueError, TypeError):
        of, after = "", 0
    if of != place:
        raise ValidationError({"cursor": ["Not a cursor of this list."]})
    return int(after)
