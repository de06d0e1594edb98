"""What an invariant's function answers, and the one way it asks the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection


class Offender(NamedTuple):
    subject: str
    id: str
    why: str

    def __str__(self) -> str:
        return f"{self.subject} {self.id}: {self.why}"


@dataclass(frozen=True)
class Finding:
    """`checked` is how many rows were looked at: a proof over nothing proves nothing."""

    checked: int
    offenders: Sequence[Offender] = field(default_factory=tuple)

    def __add__(self, other: "Finding") -> "Finding":
        return Finding(self.checked + other.checked, [*self.offenders, *other.offenders])


# What `facts` may ask for beside the tables: allocations no release has ended.
LIVE = """
    SELECT l.* FROM payments_allocation l
    WHERE NOT EXISTS (SELECT FROM payments_release r WHERE r.allocation_id = l.id)
"""


def ask(facts: str, bad: str, given: Mapping[str, Any]) -> Finding:
    """One statement: `facts` selects what is checked, `bad` what offends as (subject, id, why)."""
    statement = f"""
        WITH live AS ({LIVE}), facts AS MATERIALIZED ({facts}), bad (subject, id, why) AS ({bad})
        SELECT 0, '', count(*), '' FROM facts
        UNION ALL SELECT 1, subject, id, why FROM bad ORDER BY 1, 2, 3
    """  # noqa: S608 - both are constants of this package
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(given))
        (_, _, checked, _), *rows = cursor.fetchall()
    return Finding(checked, [Offender(subject, str(pk), why) for _, subject, pk, why in rows])
