"""What the worker makes of a client's file: each line compared with the bank's word, in one commit.

Nothing here settles, clears, returns or posts: lines are kept, and what does not fit becomes a Case.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from housing_ach.audit.move import move
from housing_ach.reconciliation import csv_file, json_lines, returns_file
from housing_ach.reconciliation.claims import MOST_FAULTS, Claim, Unreadable
from housing_ach.reconciliation.fates import Verdict, fate_of
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reconciliation.selectors import Known, known
from housing_ach.reconciliation.services.doubts import Doubt, cases_of
from housing_ach.reconciliation.services.take import content_of
from housing_ach.reconciliation.states import Fate, Form, ReconciliationStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.failpoints import failpoint

READERS: Mapping[str, Callable[[bytes], Sequence[Claim]]] = {
    Form.JSON_LINES: json_lines.read,
    Form.CSV: csv_file.read,
    Form.NACHA: returns_file.read,
}
KEEP = """
INSERT INTO reconciliation_line (reconciliation_id, made_at, number, named_by, name, said, code, cents,
    "on", fate, message, entry_id, payment_id, case_id)
SELECT %s, %s, * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
    %s::date[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
"""
DOUBTFUL = frozenset({Fate.CONTRADICTED, Fate.UNKNOWN})

log = logging.getLogger(__name__)


class Compared(NamedTuple):
    claim: Claim
    known: Known | None
    verdict: Verdict


def apply_received(*, at: datetime) -> None:
    """Every file that waits, in the order they came; one that another worker has is left to it.

    A file that cannot be told apart from a bug of ours holds up no other, and waits on.
    """
    waiting = Reconciliation.objects.filter(status=ReconciliationStatus.RECEIVED).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            _apply(pk, at=at)
        except Exception as problem:  # noqa: BLE001 - its words may hold a line of the file
            log.error("reconciliation #%s waits: %s", pk, type(problem).__name__)  # noqa: TRY400


@transaction.atomic
def _apply(pk: int, *, at: datetime) -> None:
    rows = Reconciliation.objects.select_for_update(skip_locked=True, of=("self",))
    waiting = rows.filter(pk=pk, status=ReconciliationStatus.RECEIVED)
    row = waiting.select_related("client").first()
    if row is None:
        return
    try:
        claims = READERS[row.form](content_of(row))
    except Unreadable as problem:
        _quarantine(row, problem, at=at)
    else:
        _compare(row, claims, at=at)


def _quarantine(row: Reconciliation, problem: Unreadable, *, at: datetime) -> None:
    move(
        row,
        ReconciliationStatus.QUARANTINED,
        kind="reconciliation.quarantined",
        data={"errors": len(problem.faults)},
        finished_at=at,
        error_count=len(problem.faults),
        errors=[fault._asdict() for fault in problem.faults[:MOST_FAULTS]],
    )


def _compare(row: Reconciliation, claims: Sequence[Claim], *, at: datetime) -> None:
    found = known(claims, on=new_york_date(at))
    compared = [
        Compared(claim, found.get(claim.line), fate_of(claim, found.get(claim.line)))
        for claim in claims
    ]
    doubts = [Doubt(*one) for one in compared if one.verdict.fate in DOUBTFUL]
    cases = cases_of(row, doubts, at=at)
    _keep(row, compared, cases, at=at)
    failpoint("reconcile.compared")
    counts = Counter(one.verdict.fate for one in compared)
    totals = {fate.lower(): counts[fate] for fate in Fate}
    move(
        row,
        ReconciliationStatus.APPLIED,
        kind="reconciliation.applied",
        data=totals,
        finished_at=at,
        line_count=len(compared),
        cents=sum(claim.cents for claim in claims),
        **totals,
    )


def _keep(
    row: Reconciliation, compared: Sequence[Compared], cases: Mapping[int, int], *, at: datetime
) -> None:
    """All lines in one statement."""
    rows = [_kept(one, cases.get(one.claim.line)) for one in compared]
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [row.pk, at, *columns])


def _kept(one: Compared, case_id: int | None) -> tuple[Any, ...]:
    claim, about, verdict = one
    return (
        claim.line,
        str(claim.named_by),
        claim.name,
        str(claim.said),
        claim.code,
        claim.cents,
        claim.on,
        str(verdict.fate),
        verdict.message,
        about.entry_id if about else None,
        about.payment_id if about else None,
        case_id,
    )
