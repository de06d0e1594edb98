from django.db import models


class KeyStatus(models.TextChoices):
    """NEXT is published before it signs; RETIRING no longer signs, its tokens are still good."""

    NEXT = "NEXT"
    ACTIVE = "ACTIVE"
    RETIRING = "RETIRING"
    RETIRED = "RETIRED"


_K = KeyStatus
MOVES: dict[KeyStatus, frozenset[KeyStatus]] = {
    _K.NEXT: frozenset({_K.ACTIVE, _K.RETIRED}),
    _K.ACTIVE: frozenset({_K.RETIRING}),
    _K.RETIRING: frozenset({_K.RETIRED}),
    _K.RETIRED: frozenset(),
}
PUBLISHED = (_K.NEXT, _K.ACTIVE, _K.RETIRING)


class DropStatus(models.TextChoices):
    """RECEIVED waits for the worker. What is REFUSED changed nothing, and may be brought again."""

    RECEIVED = "RECEIVED"
    APPLIED = "APPLIED"
    REFUSED = "REFUSED"


_D = DropStatus
DROP_MOVES: dict[DropStatus, frozenset[DropStatus]] = {
    _D.RECEIVED: frozenset({_D.APPLIED, _D.REFUSED}),
    _D.APPLIED: frozenset(),
    _D.REFUSED: frozenset({_D.RECEIVED}),
}
