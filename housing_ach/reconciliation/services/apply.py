"""What the worker makes of a client's file: each line compared with the bank's word, in one commit.

Nothing here settles, clears, returns or posts: lines are kept, and what does not fit becomes a Case.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.reconciliation import csv_file, json_lines, returns_file
from housing_ach.reconciliation.claims import MOST_FAULTS, Claim, Unreadable
from housing_ach.reconciliation.fates import Verdict, fate_of
from housing_ach.reconciliation.models import Line, Reconciliation
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
AT_ONCE = 10_000
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
    lines = [_line(row, one, cases.get(one.claim.line), at=at) for one in compared]
    Line.objects.bulk_create(lines, batch_size=AT_ONCE)
    failpoint("reconcile.compared")
    counts = Counter(one.verdict.fate for one in compared)
    totals = {fate.lower(): counts[fate] for fate in Fate}
    move(
        row,
        ReconciliationStatus.APPLIED,
        kind="reconciliation.applied",
        data=totals,
        finished_at=at,
        line_count=len(lines),
        cents=sum(claim.cents for claim in claims),
        **totals,
    )


def _line(row: Reconciliation, one: Compared, case_id: int | None, *, at: datetime) -> Line:
    claim, known_, verdict = one
    return Line(
        reconciliation=row,
        number=claim.line,
        named_by=claim.named_by,
        name=claim.name,
        said=claim.said,
        code=claim.code,
        cents=claim.cents,
        on=claim.on,
        fate=verdict.fate,
        message=verdict.message,
        entry_id=known_.entry_id if known_ else None,
        payment_id=known_.payment_id if known_ else None,
        case_id=case_id,
        made_at=at,
    )
