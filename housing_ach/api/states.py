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
