"""How a destination of ours is spoken to: with which certificate, and which authorities are believed.

The certificate and its key are sealed together in the service ring; authorities are public.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import models, transaction

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


@transaction.atomic
def set_line(row: OwnLine, line: Line, *, at: datetime) -> None:
    """In place of what was; empty takes it away. Raises BadCertificate."""
    shown, believed = line.identity, line.authorities
    told = {
        "identity_ends_at": require_identity(shown, at=at) if shown else None,
        "authorities": believed,
        "authorities_end_at": require_authorities(believed, at=at) if believed else None,
    }
    sealed = seal(SERVICE, shown.encode(), context=_context(row)) if shown else None
    type(row)._default_manager.filter(pk=row.pk).update(identity=sealed, **told)
    row.refresh_from_db()


def line_of(row: OwnLine) -> Line:
    """Raises CannotOpen."""
    identity = reveal(row.identity, context=_context(row)).decode() if row.identity else ""
    return Line(identity, row.authorities)


def _context(row: OwnLine) -> str:
    return f"line of {row._meta.label_lower}:{row.pk}"
