"""Opening and closing what a person must look at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from housing_ach.audit.move import move, record
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User

TEXT = 300

# A case that is open already gains nothing: its age, its owner and what it says stay. The empty
# update locks it, so that it cannot be resolved between being found and being told.
OPEN = """
    WITH wanted AS (
        SELECT DISTINCT ON (kind, subject, subject_id) *
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::bigint[])
            WITH ORDINALITY
            AS w (kind, subject, subject_id, summary, suggested_fix, facts, cents, place)
        ORDER BY kind, subject, subject_id, place
    ), opened AS (
        INSERT INTO cases_case
            (kind, status, subject, subject_id, summary, suggested_fix, facts, cents, opened_at, resolution)
        SELECT kind, 'OPEN', subject, subject_id, summary, suggested_fix, facts, cents, %s, ''
        FROM wanted ORDER BY kind, subject, subject_id
        ON CONFLICT (kind, subject, subject_id) WHERE status = 'OPEN'
        DO UPDATE SET kind = cases_case.kind
        RETURNING id, kind, xmax = 0 AS is_new
    ), told AS (
        INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
        SELECT 'case.open', 'cases.case', id::text, '', 'OPEN', jsonb_build_object('kind', kind)
        FROM opened WHERE is_new ORDER BY id
    )
    SELECT id FROM opened ORDER BY id
"""


class NoResolution(Refusal):
    """A case is closed with words that say how it ended."""


class CaseIsClosed(Refusal):
    """A resolved case is history."""


class Details(TypedDict, total=False):
    suggested_fix: str
    facts: Mapping[str, Any]
    cents: int


@dataclass(frozen=True)
class NewCase:
    kind: CaseKind
    subject: str
    subject_id: int | str
    summary: str
    suggested_fix: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    cents: int = 0


def open_case(
    kind: CaseKind,
    subject: str,
    subject_id: int | str,
    summary: str,
    *,
    at: datetime,
    **details: Unpack[Details],
) -> Case:
    """The open case of this kind about this subject, opened now unless it was."""
    (pk,) = open_cases([NewCase(kind, subject, subject_id, summary, **details)], at=at)
    return Case.objects.get(pk=pk)


def open_cases(new: Sequence[NewCase], *, at: datetime) -> list[int]:
    """As `open_case`, any number in one statement; returns the cases' ids in their own order."""
    if not new:
        return []
    columns: list[list[Any]] = [
        [str(case.kind) for case in new],
        [case.subject for case in new],
        [str(case.subject_id) for case in new],
        [case.summary[:TEXT] for case in new],
        [case.suggested_fix[:TEXT] for case in new],
        [json.dumps(case.facts, cls=DjangoJSONEncoder) for case in new],
        [case.cents for case in new],
    ]
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [*columns, at])
        return [pk for (pk,) in cursor.fetchall()]


def assign(case: Case, owner: User | None) -> None:
    """Give an open case to somebody, or to nobody; raises CaseIsClosed."""
    if not Case.objects.open().filter(pk=case.pk).update(owner=owner):
        raise CaseIsClosed(f"case: #{case.pk} is resolved", field="case", ids=[case.pk])
    case.owner = owner


def note(case: Case, words: str) -> None:
    """A remark in the history of an open case; raises NoResolution, CaseIsClosed."""
    text = words.strip()
    if not 0 < len(text) <= TEXT:
        raise NoResolution(f"note: say it in 1 to {TEXT} characters", field="words")
    if not Case.objects.open().filter(pk=case.pk).exists():
        raise CaseIsClosed(f"case: #{case.pk} is resolved", field="case", ids=[case.pk])
    record("case.note", case, data={"words": text})


def resolve(case: Case, *, by: User, resolution: str, at: datetime) -> None:
    """Raises NoResolution, and StaleState where somebody else was first."""
    words = resolution.strip()
    if not 0 < len(words) <= TEXT:
        raise NoResolution(
            f"resolution: say in 1 to {TEXT} characters how the case ended", field="resolution"
        )
    move(case, CaseStatus.RESOLVED, resolution=words, resolved_by=by, resolved_at=at)
