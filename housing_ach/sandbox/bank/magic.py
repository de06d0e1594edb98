"""Account numbers that say what the sandbox bank does with them (docs/bank-files.md, Test accounts)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from housing_ach.bank.states import SANDBOX_BANK_ROUTING, SANDBOX_RECEIVER_ROUTINGS

BANK_ROUTING = SANDBOX_BANK_ROUTING
RECEIVERS = SANDBOX_RECEIVER_ROUTINGS
MARK = "99"
SETTLES = "9900"


class Oddity(StrEnum):
    """The two digits after 993."""

    LATE_RETURN = "01"
    NEVER_ACKNOWLEDGED = "02"
    FILE_REJECTED = "03"
    BATCH_REJECTED = "04"
    UNREADABLE_CORRECTION = "05"
    RETURN_FILE_REPEATED = "06"
    SECOND_RETURN = "07"
    UNKNOWN_TRACE = "08"
    WRONG_AMOUNT = "09"
    UNKNOWN_CODE = "10"
    RETURN_FILE_CUT_SHORT = "11"


# Made by the operator: they come before the entry would have settled.
OPERATOR_CODES = frozenset(
    ("R13", "R18", "R19", "R25", "R26", "R27", "R28", "R30", "R32", "R34", "R35", "R36")
)
SIXTY_DAY_CODES = frozenset(("R05", "R07", "R10", "R11", "R37", "R38", "R51"))
TWO_DAY_CODES = frozenset(
    (
        *("R01", "R02", "R03", "R04", "R06", "R08", "R09", "R12", "R14", "R15", "R16", "R17"),
        *("R20", "R21", "R22", "R23", "R24", "R29", "R31", "R33", "R39"),
    )
)
RETURN_CODES = OPERATOR_CODES | SIXTY_DAY_CODES | TWO_DAY_CODES

# What can befall a credit, and what a prenote: nothing that needs money or a payer's objection.
CREDIT_CODES = OPERATOR_CODES | frozenset(
    (
        *("R02", "R03", "R04", "R06", "R12", "R14", "R15", "R16", "R17", "R20", "R21", "R22"),
        *("R23", "R24"),
    )
)
PRENOTE_CODES = OPERATOR_CODES | frozenset(
    ("R02", "R03", "R04", "R12", "R14", "R15", "R16", "R17", "R20", "R21", "R22")
)
CREDIT_ONLY_CODES = frozenset(("R23",))

CORRECTION_CODES = frozenset(("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C09", "C13", "C14"))


@dataclass(frozen=True)
class Wish:
    """What a test account asks for. All empty: it settles."""

    returned: str = ""
    attempts: int = 0  # how many attempts of a period are returned; 0 means all
    corrected: str = ""
    oddity: Oddity | None = None


def return_account(code: str, tail: str = "00") -> str:
    """An account returned as `code` every time; `tail` tells tenants apart."""
    return f"{MARK}1{code[1:]}{tail}"


def correction_account(code: str, tail: str = "00") -> str:
    return f"{MARK}2{code[1:]}{tail}"


def odd_account(oddity: Oddity, tail: str = "00") -> str:
    return f"{MARK}3{oddity}{tail}"


def recovering_account(code: str, *, attempts: int, tail: str = "00") -> str:
    """Returned as `code` for the first attempts of a period; then it pays."""
    return f"{MARK}4{attempts}{code[1:]}{tail}"


def wish_of(account: str) -> Wish | None:
    """None where the number is no test account: the outcome is drawn."""
    if account.startswith(SETTLES):
        return Wish()
    if found := re.match(rf"{MARK}1(\d\d)", account):
        code = f"R{found[1]}"
        return Wish(returned=code) if code in RETURN_CODES else None
    if found := re.match(rf"{MARK}2(\d\d)", account):
        code = f"C{found[1]}"
        return Wish(corrected=code) if code in CORRECTION_CODES else None
    if found := re.match(rf"{MARK}3(\d\d)", account):
        return Wish(oddity=Oddity(found[1])) if found[1] in set(Oddity) else None
    if found := re.match(rf"{MARK}4([1-9])(\d\d)", account):
        code = f"R{found[2]}"
        return Wish(returned=code, attempts=int(found[1])) if code in RETURN_CODES else None
    return None
