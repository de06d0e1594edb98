"""Corrected data of a notification of change: by fixed positions, then by blanks, then not at all.

Banks put blanks inside account numbers, glue account and transaction code together in C07, or
leave out the second part. The last two look alike, so they are left for a person, as is everything
else that cannot be read with certainty.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from housing_ach.nacha.codes import CORRECTION_CODES, TRANSACTION_CODES, CorrectionCode
from housing_ach.nacha.digits import valid_routing

_ACCOUNT_WIDTH = 17
_DATA_WIDTH = 29


@dataclass(frozen=True)
class Corrected:
    """`changes` may hold account, routing, transaction_code, account_type, name, individual_id.

    A transaction code is told as the account type too: banks write return or prenote codes there.
    """

    changes: dict[str, str] = field(default_factory=dict)
    unreadable: str = ""


def read_corrected(code: str, data: str) -> Corrected:
    known = CORRECTION_CODES.get(code)
    if known is None:
        return Corrected(unreadable=f"correction code {code} is not known")
    if known.refused:
        return Corrected()
    if known.retired:
        return Corrected(unreadable=f"correction code {code} is retired")
    data = data.ljust(_DATA_WIDTH)
    fixed = _by_position(known, data)
    reason = _fault(fixed) or _stray(known, data)
    if not reason:
        return Corrected(_finished(fixed))
    loose = _by_blanks(known, data)
    if loose and not _fault(loose):
        return Corrected(_finished(loose))
    return Corrected(unreadable=reason)


def _by_position(known: CorrectionCode, data: str) -> dict[str, str]:
    return {part: _tidy(part, data[first - 1 : last]) for part, first, last in known.parts}


def _tidy(part: str, text: str) -> str:
    """Blanks inside an account number mean nothing."""
    return "".join(text.split()) if part == "account" else text.strip()


def _stray(known: CorrectionCode, data: str) -> str:
    """Text between or behind the parts: then the positions are not kept and a part is cut."""
    ends = [(0, 0), *((first, last) for _, first, last in known.parts), (_DATA_WIDTH + 1, 0)]
    stray = any(data[last : first - 1].strip() for (_, last), (first, _) in pairwise(ends))
    return "the corrected data are not where they belong" if stray and known.parts else ""


def _by_blanks(known: CorrectionCode, data: str) -> dict[str, str]:
    """Routing first, transaction code last, and the account is every word between."""
    words, parts = data.split(), [part for part, _, _ in known.parts]
    if "account" not in parts or len(parts) < 2 or len(words) < len(parts):
        return {}
    found = {}
    if parts[0] == "routing":
        found["routing"] = words.pop(0)
    if parts[-1] == "transaction_code":
        found["transaction_code"] = words.pop()
    return {**found, "account": "".join(words)}


def _fault(parts: dict[str, str]) -> str:
    for part, text in parts.items():
        reason = _fault_of(part, text)
        if reason:
            return reason
    return ""


def _fault_of(part: str, text: str) -> str:
    if not text:
        return f"the corrected {part.replace('_', ' ')} is blank"
    if part == "routing" and not valid_routing(text):
        return "the corrected routing number has a wrong check digit"
    if part == "transaction_code" and text not in TRANSACTION_CODES:
        return "the corrected transaction code is not known"
    if part == "account" and len(text) > _ACCOUNT_WIDTH:
        return "the corrected account number is too long"
    return ""


def _finished(parts: dict[str, str]) -> dict[str, str]:
    if "transaction_code" in parts:
        known = TRANSACTION_CODES[parts["transaction_code"]]
        return {**parts, "account_type": known.account_type}
    return parts
