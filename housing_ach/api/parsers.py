"""A body is JSON in UTF-8 that we can keep: PostgreSQL takes neither NUL nor half a character."""

import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json

NUL = "\0"
# Only a text written so can hold what cannot be kept, and most that are written so can be.
SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
UNFIT = re.compile("[\0\ud800-\udfff]")


class Json(JSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            text = stream.read().decode()
            data = json.loads(text, parse_constant=json.strict_constant)
        except (ValueError, RecursionError) as problem:
            raise ParseError("The body is not JSON in UTF-8.") from problem
        if SUSPECT.search(text) and not _is_fit(data):
            raise ParseError("The body holds a NUL character, or half of a character.")
        return data


def _is_fit(data: Any) -> bool:
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, str):
            if UNFIT.search(one):
                return False
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
    return True
