"""How a destination of ours is spoken to: with which certificate, and which authorities are believed.

The certificate and its key are sealed together in the service ring; authorities are public.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import models

from housing_ach.shared.tls import require_authorities, require_identity
from housing_ach.vault.keys import SERVICE
from housing_ach.vault.services import reveal, seal


class OwnLine(models.Model):
    """Columns of a destination. Nothing named: no certificate, and the public authorities.

    `identity` is the vault's token of certificate and key, PEM in one text.
    """

    identity = models.UUIDField(null=True, blank=True)
    identity_ends_at = models.DateTimeField(null=True, blank=True)
    authorities = models.TextField(blank=True, default="")
    authorities_end_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Line:
    """PEM; empty where there is none."""

    identity: str = field(default="", repr=False)
    authorities: str = ""

    def __bool__(self) -> bool:
        return bool(self.identity or self.authorities)


def set_line(row: OwnLine, line: Line, *, at: datetime) -> None:
    """In place of what was; empty takes it away. Raises BadCertificate."""
    identity_ends_at = require_identity(line.identity, at=at) if line.identity else None
    row.authorities_end_at = (
        require_authorities(line.authorities, at=at) if line.authorities else None
    )
    row.identity_ends_at, row.authorities = identity_ends_at, line.authorities
    sealed = line.identity.encode()
    row.identity = seal(SERVICE, sealed, context=_context(row)) if sealed else None
    row.save(update_fields=["identity", "identity_ends_at", "authorities", "authorities_end_at"])


def line_of(row: OwnLine) -> Line:
    """Opens in the worker alone."""
    identity = reveal(row.identity, context=_context(row)).decode() if row.identity else ""
    return Line(identity, row.authorities)


def _context(row: OwnLine) -> str:
    return f"line of {row._meta.label_lower}:{row.pk}"
