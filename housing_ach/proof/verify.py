"""The invariants of the books and of history, proven from what is stored (design: one function each).

I10, the ERP's journals, has no ERP to compare with yet.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from housing_ach.proof import books, files, history
from housing_ach.proof.findings import Finding


@dataclass(frozen=True)
class Invariant:
    name: str
    promise: str
    check: Callable[[], Finding]


@dataclass(frozen=True)
class Result:
    name: str
    promise: str
    finding: Finding
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.finding.offenders


INVARIANTS = (
    Invariant("I1", "funds sum to zero, balances are their transfers", books.zero_sum),
    Invariant("I2", "receivables are charges less payments", books.receivables),
    Invariant("I3", "trust money held is trust money owed", books.trust),
    Invariant("I4", "every settled cent has its place", books.settled_cents),
    Invariant("I5", "published entries are the lines of their files", files.published_lines),
    Invariant("I6", "a return leaves nothing allocated", history.returned_payments),
    Invariant("I7", "nobody's prepaid, deposit or owner money is overdrawn", books.never_overdrawn),
    Invariant("I8", "the audit chain is unbroken", history.audit_chain),
    Invariant("I9", "nothing settled or cleared without evidence", history.evidence),
    Invariant("I11", "in transit is what is unsettled or uncharged", books.in_transit),
    Invariant("I12", "nobody is debited twice for one order", history.debited_once),
)


def verify() -> Iterator[Result]:
    """All invariants of one moment: the snapshot of a single read-only transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Sums over every transfer stay in memory instead of going to disk in parts.
            cursor.execute("SET LOCAL work_mem = '128MB'")
        for invariant in INVARIANTS:
            start = time.perf_counter()
            finding = invariant.check()
            seconds = time.perf_counter() - start
            yield Result(invariant.name, invariant.promise, finding, seconds)
