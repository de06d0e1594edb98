from django.db import models


class Dialect(models.TextChoices):
    POSTGRESQL = "POSTGRESQL", "PostgreSQL"
    MSSQL = "MSSQL", "SQL Server"
    ORACLE = "ORACLE", "Oracle"


class PostingStatus(models.TextChoices):
    """POSTED: read back and equal. CONFLICT: the ERP holds something else. FAILED: tried enough."""

    PENDING = "PENDING"
    POSTED = "POSTED"
    CONFLICT = "CONFLICT"
    FAILED = "FAILED"


_S = PostingStatus
MOVES: dict[str, frozenset[str]] = {
    _S.PENDING: frozenset({_S.POSTED, _S.CONFLICT, _S.FAILED}),
    _S.CONFLICT: frozenset({_S.PENDING}),
    _S.FAILED: frozenset({_S.PENDING}),
    _S.POSTED: frozenset(),
}
