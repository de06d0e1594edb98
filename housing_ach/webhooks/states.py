from django.db import models


class EndpointStatus(models.TextChoices):
    """PAUSED keeps what happens until it is resumed; DISABLED is told nothing any more."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


_E = EndpointStatus
MOVES: dict[str, frozenset[str]] = {
    _E.ACTIVE: frozenset({_E.PAUSED, _E.DISABLED}),
    _E.PAUSED: frozenset({_E.ACTIVE, _E.DISABLED}),
    _E.DISABLED: frozenset({_E.ACTIVE}),
}


class DeliveryStatus(models.TextChoices):
    """FAILED: tried often enough; a Case says so."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
