"""What a transaction code does, as bits: what a batch refuses is then one `and` away."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from housing_ach.nacha.codes import SEC_CODES, TRANSACTION_CODES
from housing_ach.nacha.layout import ENTRY, ENTRY_ACK, ENTRY_CTX, ENTRY_OTHER

Kinds = NDArray[np.uint16]

_PURPOSES: Final = ("LIVE", "PRENOTE", "ZERO_DOLLAR", "RETURN")
_DIRECTIONS: Final = ("CREDIT", "DEBIT")


def bit(direction: str, purpose: str) -> int:
    return 1 << (_DIRECTIONS.index(direction) * 4 + _PURPOSES.index(purpose))


def bits(*purposes: str, directions: tuple[str, ...] = _DIRECTIONS) -> int:
    return sum(bit(direction, purpose) for direction in directions for purpose in purposes)


ALL: Final = 0xFF
CREDITS: Final = bits(*_PURPOSES, directions=("CREDIT",))
DEBITS: Final = bits(*_PURPOSES, directions=("DEBIT",))
LIVE: Final = bits("LIVE")
RETURNS: Final = bits("RETURN")
ZERO: Final = bits("PRENOTE", "ZERO_DOLLAR")
LOAN_DEBIT: Final = 1 << 8
UNKNOWN: Final = 1 << 9


def _kind_of_code() -> Kinds:
    """Indexed by the two digits as they lie in memory: the first in the low byte."""
    table = np.full(1 << 16, UNKNOWN, np.uint16)
    for known in TRANSACTION_CODES.values():
        first, second = (int(digit) for digit in known.code)
        table[first | second << 8] = bit(known.direction, known.purpose)
    table[5 | 5 << 8] |= LOAN_DEBIT
    return table


KIND_OF_CODE: Final = _kind_of_code()

REFUSED_BY_CLASS: Final = {200: 0, 220: DEBITS, 225: CREDITS, 280: 0}

_ZERO_DOLLAR = bits("ZERO_DOLLAR")
_TEL_CREDITS = bits("LIVE", "PRENOTE", directions=("CREDIT",))
REFUSED_BY_SEC: Final = {
    "PPD": _ZERO_DOLLAR,
    "WEB": _ZERO_DOLLAR,
    "TEL": _ZERO_DOLLAR | _TEL_CREDITS,
    "ACK": ALL & ~RETURNS & ~bit("CREDIT", "ZERO_DOLLAR"),
    "ATX": ALL & ~RETURNS & ~bit("CREDIT", "ZERO_DOLLAR"),
    "COR": ALL & ~RETURNS,
}

# The layouts an entry can have, and which SEC code uses which.
VARIANTS: Final = (ENTRY, ENTRY_CTX, ENTRY_ACK, ENTRY_OTHER)
STANDARD, REMITTANCE, ACKNOWLEDGMENT, OTHER = range(4)


def variant_of(sec: str) -> int:
    if sec in ("CTX", "ATX"):
        return REMITTANCE
    if sec == "ACK":
        return ACKNOWLEDGMENT
    known = SEC_CODES.get(sec)
    return STANDARD if known is None or known.handled else OTHER
