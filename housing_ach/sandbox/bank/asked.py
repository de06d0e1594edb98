"""What a test asks of the bank beside its accounts: that an entry comes back, or is corrected."""

from datetime import date, datetime
from pathlib import Path

from housing_ach.sandbox.bank.bank import MEMORY, RETURNS_AT
from housing_ach.sandbox.bank.fates import Answer, can_happen, corrected_data
from housing_ach.sandbox.bank.magic import days_after_settlement
from housing_ach.sandbox.bank.memory import Kept, remembering
from housing_ach.shared.business_days import (
    add_banking_days,
    is_banking_day,
    new_york_at,
    new_york_date,
    next_banking_day,
)
from housing_ach.shared.problems import Refusal

CORRECTION = "C"


class NotTaken(Refusal):
    """The bank has not taken a file with this entry."""


class CannotHappen(Refusal):
    """No bank would say that of this entry."""


class AnsweredAlready(Refusal):
    """A bank returns an entry once, and corrects it once."""


def ask(folder: Path, *, trace: str, code: str, at: datetime) -> date:
    """Write this return (R) or correction (C) in place of what was planned; asking again changes nothing.

    Gives the banking date it comes on: that of the next morning's files, once the entry has settled.
    Raises NotTaken, CannotHappen, AnsweredAlready.
    """
    if not (folder / MEMORY).exists():
        raise NotTaken("payment: there is no sandbox bank yet", field="payment")
    with remembering(folder / MEMORY) as memory:
        kept = memory.entry_of(trace)
        if kept is None:
            raise NotTaken(
                "payment: the bank has not taken its file yet; advance the clock by an hour",
                field="payment",
            )
        answer = _answer(kept, code, at)
        if memory.is_answered(kept.id, code[0]):
            said = "corrected" if code.startswith(CORRECTION) else "returned"
            raise AnsweredAlready(f"payment: the bank has {said} it already", field="payment")
        memory.unplan(kept.id, code[0])
        memory.plan(answer, entry_id=kept.id)
    return answer.on


def _answer(kept: Kept, code: str, at: datetime) -> Answer:
    soonest = add_banking_days(kept.effective_on, min(1, days_after_settlement(code)))
    on = max(soonest, _next_morning(at))
    if code.startswith(CORRECTION):
        data = corrected_data(code, kept.entry)
        if data is None:
            raise CannotHappen(f"code: the entry carries what {code} would say", field="code")
        return Answer(code, on, data)
    if not can_happen(code, kept.entry):
        raise CannotHappen(f"code: {code} cannot befall such an entry", field="code")
    return Answer(code, on, charged=kept.entry.cents > 0)


def _next_morning(at: datetime) -> date:
    """The next banking day whose morning files are not written yet."""
    on = new_york_date(at)
    if is_banking_day(on) and at < new_york_at(on, RETURNS_AT):
        return on
    return next_banking_day(on)
