"""What becomes of an entry: asked for by its account, else drawn from seed, payer, period, attempt.

Nothing else may decide, so that the same seed gives the same month to the cent whatever the order of
the files, their traces or the day they were read.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from housing_ach.sandbox.bank import magic
from housing_ach.sandbox.bank.checks import WITHOUT_MONEY, ReadEntry, operator_code
from housing_ach.sandbox.bank.magic import RECEIVERS, Oddity
from housing_ach.shared.business_days import add_banking_days, roll_forward

MOVED_TO = RECEIVERS[-1]
RIGHT_NAME = "CORRECTED NAME"
UNREADABLE = "12345678? SEE LETTER"

# Chances in 100,000, tried in order.
CONSUMER_DEBIT = (
    *(("R01", 1300), ("R09", 200), ("R02", 150), ("R03", 150), ("R10", 80), ("R08", 80)),
    *(("R16", 40), ("C01", 300), ("C02", 100), ("C05", 100)),
)
BUSINESS_DEBIT = (
    *(("R01", 1300), ("R09", 200), ("R02", 150), ("R03", 150), ("R29", 120), ("R16", 80)),
    *(("C01", 300), ("C02", 100), ("C05", 100)),
)
RETRIED_DEBIT = (("R01", 40_000),)
CREDIT = (("R03", 200), ("R02", 150), ("R23", 100), ("C01", 300))
PRENOTE = (("R03", 500), ("R02", 300), ("R04", 200), ("C01", 500))
RETRY = "RETRY PYMT"


@dataclass(frozen=True)
class Circumstances:
    """What the bank knows beside the entry itself."""

    seed: int
    sec: str
    description: str
    period: str
    effective_on: date
    attempt: int


@dataclass(frozen=True)
class Answer:
    """A return (code R…) or correction (C…) that will be written on a banking date."""

    code: str
    on: date
    data: str = ""
    oddity: Oddity | None = None
    charged: bool = False


def answers_to(entry: ReadEntry, case: Circumstances) -> list[Answer]:
    if refused := operator_code(entry):
        return [_returned(refused, entry, case)]
    wish = magic.wish_of(entry.account)
    if wish is None:
        return _drawn(entry, case)
    if wish.oddity:
        return _odd(wish.oddity, entry, case)
    if wish.corrected:
        return _corrected(wish.corrected, entry, case)
    if wish.returned and (not wish.attempts or case.attempt <= wish.attempts):
        return [_returned(wish.returned, entry, case)] if can_happen(wish.returned, entry) else []
    return []


def corrected_data(code: str, entry: ReadEntry) -> str | None:
    """The 29 characters of a correction; None when the entry already carries what it would say."""
    account = magic.SETTLES + entry.account[4:]
    savings = f"3{entry.code[1]}"
    renamed = "" if entry.line[54:76].strip() == RIGHT_NAME else RIGHT_NAME
    known = entry.individual_id.startswith("N")
    right = {
        "C01": (account, entry.account != account),
        "C02": (MOVED_TO, entry.routing != MOVED_TO),
        "C03": (f"{MOVED_TO}   {account}", (MOVED_TO, account) != (entry.routing, entry.account)),
        "C04": (renamed, bool(renamed)),
        "C05": (savings, entry.code != savings),
        "C06": (f"{account:<17}   {savings}", (account, savings) != (entry.account, entry.code)),
        "C07": (
            f"{MOVED_TO}{account:<17}{savings}",
            (MOVED_TO, account, savings) != (entry.routing, entry.account, entry.code),
        ),
        "C09": (f"N{entry.individual_id[1:]}", not known),
        "C13": ("", True),
        "C14": ("IAT", True),
    }
    data, differs = right[code]
    return f"{data:<29}" if differs else None


def _odd(oddity: Oddity, entry: ReadEntry, case: Circumstances) -> list[Answer]:
    soon, days_40 = _next(case), roll_forward(case.effective_on + timedelta(days=40))
    first = Answer("R01", soon, oddity=oddity, charged=True)
    second = Answer("R01", add_banking_days(soon, 1), oddity=oddity)
    table = {
        Oddity.LATE_RETURN: [Answer("R10", days_40, oddity=oddity, charged=True)],
        Oddity.RETURN_FILE_REPEATED: [first],
        Oddity.SECOND_RETURN: [first, second],
        Oddity.UNKNOWN_TRACE: [Answer("R01", soon, oddity=oddity)],
        Oddity.WRONG_AMOUNT: [Answer("R01", soon, oddity=oddity)],
        Oddity.UNKNOWN_CODE: [Answer("R98", soon, oddity=oddity, charged=True)],
        Oddity.RETURN_FILE_CUT_SHORT: [first],
    }
    if oddity == Oddity.UNREADABLE_CORRECTION:
        return [Answer("C02", soon, f"{UNREADABLE:<29}", oddity)]
    return table.get(oddity, []) if entry.is_debit and entry.cents else []


def _drawn(entry: ReadEntry, case: Circumstances) -> list[Answer]:
    code = _drawn_code(entry, case)
    if not code:
        return []
    if code.startswith("C"):
        return [Answer(code, _soon(entry, case), f"{_drawn_data(code, entry, case):<29}")]
    on = _later(entry, case) if code in magic.SIXTY_DAY_CODES else _soon(entry, case)
    return [Answer(code, on, charged=entry.cents > 0)]


def _drawn_code(entry: ReadEntry, case: Circumstances) -> str:
    chance = _draw(entry, case, "outcome", 100_000)
    for code, share in _chances(entry, case):
        if chance < share:
            return code
        chance -= share
    return ""


def _chances(entry: ReadEntry, case: Circumstances) -> tuple[tuple[str, int], ...]:
    if entry.code[1] in WITHOUT_MONEY:
        return PRENOTE
    if not entry.is_debit:
        return CREDIT
    if case.description == RETRY:
        return RETRIED_DEBIT
    return BUSINESS_DEBIT if case.sec in {"CCD", "CTX"} else CONSUMER_DEBIT


def _drawn_data(code: str, entry: ReadEntry, case: Circumstances) -> str:
    if code == "C02":
        return next(routing for routing in RECEIVERS if routing != entry.routing)
    if code == "C05":
        return ("2" if entry.code[0] == "3" else "3") + entry.code[1]
    width = max(6, min(17, len(entry.account)))
    digits = _draw(entry, case, "account", 10 ** (width - 1))
    return f"{1 + digits % 8}{digits:0{width - 1}}"


def _draw(entry: ReadEntry, case: Circumstances, purpose: str, below: int) -> int:
    kind = "money" if entry.cents else "prenote"
    key = f"{case.seed}|{entry.individual_id}|{case.period}|{case.attempt}|{kind}|{purpose}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % below


def _returned(code: str, entry: ReadEntry, case: Circumstances) -> Answer:
    on = add_banking_days(case.effective_on, magic.days_after_settlement(code))
    return Answer(code, on, charged=entry.cents > 0)


def _corrected(code: str, entry: ReadEntry, case: Circumstances) -> list[Answer]:
    data = corrected_data(code, entry)
    return [] if data is None else [Answer(code, _next(case), data)]


def can_happen(code: str, entry: ReadEntry) -> bool:
    """Whether a return with this code can befall the entry."""
    if entry.code[1] in WITHOUT_MONEY:
        return code in magic.PRENOTE_CODES
    if entry.is_debit:
        return code not in magic.CREDIT_ONLY_CODES
    return code in magic.CREDIT_CODES


def _next(case: Circumstances) -> date:
    return add_banking_days(case.effective_on, 1)


def _soon(entry: ReadEntry, case: Circumstances) -> date:
    return add_banking_days(case.effective_on, 1 + _draw(entry, case, "days", 2))


def _later(entry: ReadEntry, case: Circumstances) -> date:
    return roll_forward(case.effective_on + timedelta(days=5 + _draw(entry, case, "days", 51)))
