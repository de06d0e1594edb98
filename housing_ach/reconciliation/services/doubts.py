"""Cases of what a client says otherwise: one for each payment, one for all a file names in vain."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.payments.models import Payment
from housing_ach.reconciliation.claims import Claim
from housing_ach.reconciliation.fates import Verdict
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reconciliation.selectors import Known, told_before, word_of
from housing_ach.reconciliation.states import Said

KIND = CaseKind.RECONCILIATION
PAYMENT, ENTRY, FILE = (model._meta.label_lower for model in (Payment, Entry, Reconciliation))
ASK = "Ask them where they have it from, and the bank what it booked. Nothing was changed."
Subject = tuple[str, str]


class Doubt(NamedTuple):
    claim: Claim
    known: Known | None
    verdict: Verdict


def cases_of(row: Reconciliation, doubts: Sequence[Doubt], *, at: datetime) -> dict[int, int]:
    """By line, its case: the one the same word has had before, else one that is open now."""
    contradicted = [(doubt, doubt.known) for doubt in doubts if doubt.known]
    unknown = [doubt.claim for doubt in doubts if doubt.known is None]
    before = told_before(known.entry_id for _, known in contradicted)
    by_line: dict[int, int] = {}
    wanted: dict[int, Subject] = {}
    new: list[NewCase] = []
    for doubt, known in contradicted:
        if case := before.get(word_of(doubt.claim, known.entry_id)):
            by_line[doubt.claim.line] = case
        else:
            wanted[doubt.claim.line] = _subject(known)
            new.append(_contradiction(row, doubt, known))
    if unknown:
        wanted |= {claim.line: (FILE, str(row.pk)) for claim in unknown}
        new.append(_in_vain(row, unknown))
    return by_line | _opened(wanted, new, at=at)


def _opened(wanted: dict[int, Subject], new: Sequence[NewCase], *, at: datetime) -> dict[int, int]:
    found = Case.objects.filter(pk__in=open_cases(new, at=at))
    by_subject = {(case.subject, case.subject_id): case.pk for case in found}
    return {line: by_subject[subject] for line, subject in wanted.items()}


def _subject(known: Known) -> Subject:
    if known.payment_id is None:
        return ENTRY, str(known.entry_id)
    return PAYMENT, str(known.payment_id)


def _contradiction(row: Reconciliation, doubt: Doubt, known: Known) -> NewCase:
    claim = doubt.claim
    word = f"returned {claim.code}" if claim.said == Said.RETURNED else "settled"
    return NewCase(
        KIND,
        *_subject(known),
        f"{row.client.name} says trace {known.trace} was {word} on {claim.on}."
        f" {doubt.verdict.message}",
        suggested_fix=ASK,
        facts={"reconciliation": row.pk, "line": claim.line, "trace": known.trace},
        cents=0 if known.is_secret else known.cents,
    )


def _in_vain(row: Reconciliation, claims: Sequence[Claim]) -> NewCase:
    return NewCase(
        KIND,
        FILE,
        row.pk,
        f"{len(claims)} lines of {row.client.name}'s file #{row.pk} name nothing we sent.",
        suggested_fix=ASK,
        facts={"reconciliation": row.pk, "lines": _first(claim.line for claim in claims)},
        cents=sum(claim.cents for claim in claims),
    )


def _first(lines: Iterable[int]) -> list[int]:
    return sorted(lines)[:20]
