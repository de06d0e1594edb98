"""What every package refuses with; edges turn it into a message, a form error or HTTP 409."""

from collections.abc import Iterable


class Refusal(Exception):
    """A rule said no. Names the field and, masked, the value; `ids` are the rows concerned."""

    def __init__(self, message: str, *, field: str = "", ids: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.ids = tuple(ids)

    def __str__(self) -> str:
        return self.message
