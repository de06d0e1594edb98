"""Account numbers that say what the sandbox bank does with them (docs/bank-files.md, Test accounts)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

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

HAPPENS = {
    Oddity.LATE_RETURN: "returned as R10, 40 calendar days after settlement",
    Oddity.NEVER_ACKNOWLEDGED: "the file that carries it is taken, settles, and is never acknowledged",
    Oddity.FILE_REJECTED: "the first file that carries it in a period is rejected, `REFUSED`",
    Oddity.BATCH_REJECTED: "the first batch that carries it in a period is rejected, `REFUSED`",
    Oddity.UNREADABLE_CORRECTION: "settles and is corrected by a C02 whose data cannot be read",
    Oddity.RETURN_FILE_REPEATED: "returned as R01; at 12:00 the same return file comes again, byte for byte",
    Oddity.SECOND_RETURN: (
        "returned as R01; on the next banking day a second return of the same entry comes with another trace"
    ),
    Oddity.UNKNOWN_TRACE: "settles; a return comes whose original trace nobody sent",
    Oddity.WRONG_AMOUNT: "settles; a return comes for one cent more than was sent",
    Oddity.UNKNOWN_CODE: "returned with the code R98, which nobody knows",
    Oddity.RETURN_FILE_CUT_SHORT: "returned as R01; the return file is cut short at 08:00 and comes whole at 12:00",
}


def days_after_settlement(code: str) -> int:
    """Banking days until a return or correction that an account asks for is written."""
    if code in OPERATOR_CODES:
        return 0
    return 5 if code in SIXTY_DAY_CODES else 1


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


class Known(NamedTuple):
    """A test account by how its number begins; `code` of what comes back where it is one alone."""

    begins: str
    code: str
    happens: str


def known_accounts() -> Iterator[Known]:
    """Every beginning `wish_of` knows; of those that recover, with one attempt returned."""
    yield Known(SETTLES, "", "settles")
    for code in sorted(RETURN_CODES):
        yield Known(return_account(code, ""), code, f"returned as {code}, {_when(code)}")
    for code in sorted(CORRECTION_CODES):
        words = f"settles and is corrected by {code}, {_when(code)}"
        yield Known(correction_account(code, ""), code, words)
    for oddity in Oddity:
        yield Known(odd_account(oddity, ""), "", HAPPENS[oddity])
    for code in sorted(RETURN_CODES):
        words = f"returned as {code} for the first attempt of a period, then settles"
        yield Known(recovering_account(code, attempts=1, tail=""), code, words)


def _when(code: str) -> str:
    days = days_after_settlement(code)
    if not days:
        return "half an hour before it would have settled"
    return f"{days} banking day{'s' if days > 1 else ''} after settlement"
