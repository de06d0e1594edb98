from housing_ach.shared.problems import Refusal


class AlreadyVerified(Refusal):
    """The account needs no verification any more."""


class TooManyStarts(Refusal):
    """Every start costs money and gives three more guesses: three within 30 days are enough."""


class NotAwaitingAmounts(Refusal):
    """There are no micro-deposits whose amounts could be told now."""


class BadAmounts(Refusal):
    """Two amounts of 1 to 99 cents each; nothing was compared, and no try is lost."""


class WrongAmounts(Refusal):
    """These are not the amounts. `tries_left` may be 0: then only a new start helps."""

    def __init__(self, tries_left: int) -> None:
        left = {0: "no try is", 1: "1 try is"}.get(tries_left, f"{tries_left} tries are")
        super().__init__(f"cents: these are not the two amounts, {left} left", field="cents")
        self.tries_left = tries_left


class MicroDepositsExpired(Refusal):
    """The amounts were not told in time: only a new start helps."""
