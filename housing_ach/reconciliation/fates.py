"""What a client's word is beside the bank's: the bank's stands, whatever the client says."""

from typing import NamedTuple

from housing_ach.batches.states import EntryStatus
from housing_ach.reconciliation.claims import Claim
from housing_ach.reconciliation.selectors import Known, is_exact
from housing_ach.reconciliation.states import Fate, Said
from housing_ach.shared.money import dollars


class Verdict(NamedTuple):
    fate: Fate
    message: str = ""


def fate_of(claim: Claim, known: Known | None) -> Verdict:
    if known is None:
        return Verdict(Fate.UNKNOWN, "Nothing we sent is called so.")
    if claim.rdfi and claim.rdfi != known.rdfi:
        return Verdict(Fate.CONTRADICTED, "It went to another bank.")
    if claim.cents != known.cents and not known.is_secret:
        return _other_amount(claim, known)
    said = _settled(claim, known) if claim.said == Said.SETTLED else _returned(claim, known)
    if said.fate == Fate.MATCHED and not is_exact(claim.named_by):
        words = f"The bank says so of trace {known.trace}; only a line with the trace is matched."
        return Verdict(Fate.TENTATIVE, words)
    return said


def _other_amount(claim: Claim, known: Known) -> Verdict:
    if known.is_sum:
        words = "It is the sum of the order's payments; name each to have it compared."
        return Verdict(Fate.TENTATIVE, words)
    words = f"The line is over {dollars(claim.cents)}, what we sent over {dollars(known.cents)}."
    return Verdict(Fate.CONTRADICTED, words)


def _settled(claim: Claim, known: Known) -> Verdict:
    came_back = f"The bank returned it on {known.returned_on}"
    is_late = bool(known.returned_on and claim.on >= known.returned_on)
    if is_late and known.settled_on != claim.on:
        return Verdict(Fate.CONTRADICTED, f"{came_back} ({known.code}).")
    if known.settled_on:
        other_day = known.settled_on != claim.on
        notes = [f"The bank settled it on {known.settled_on}."] if other_day else []
        notes += [f"{came_back} ({known.code})."] if known.returned_on else []
        return Verdict(Fate.MATCHED, " ".join(notes))
    return _not_told(known)


def _returned(claim: Claim, known: Known) -> Verdict:
    if not known.code:
        return _not_told(known)
    words = f"The bank returned it as {known.code} on {known.returned_on}."
    if known.code != claim.code:
        return Verdict(Fate.CONTRADICTED, words)
    return Verdict(Fate.MATCHED, words if known.returned_on != claim.on else "")


def _not_told(known: Known) -> Verdict:
    if known.status == EntryStatus.REJECTED:
        return Verdict(Fate.CONTRADICTED, "The bank rejected it.")
    return Verdict(Fate.TENTATIVE, "The bank has not said so yet.")
