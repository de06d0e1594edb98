"""Files a bank would send, made by hand so that our own codec is not tested with itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.batches.models import Entry

RETURNING = "11111111"
NOTHING = " " * 44


@dataclass(frozen=True)
class Letter:
    """One entry with what its 98 or 99 addenda says."""

    code: str
    trace: str
    cents: int
    rdfi: str
    number: int = 1  # of the return, which makes its trace
    data: str = ""  # corrected data, or the information of a return
    died: str = ""
    transaction: str = "26"

    @property
    def is_correction(self) -> bool:
        return self.code.startswith("C")

    @property
    def own_trace(self) -> str:
        return f"{RETURNING}{self.number:07}"

    def records(self, batch: int) -> list[str]:
        cents = 0 if self.is_correction else self.cents
        sec = "COR" if self.is_correction else "PPD"
        end = f"{RETURNING}{batch:07}"
        debit, credit = (cents, 0) if self.transaction[1] == "6" else (0, cents)
        return [
            f"5200{'ALDER HOUSING':<16}{'':20}1987654321{sec}{'RENT':<10}{'MAR 26':<6}2603030621{end}",
            f"6{self.transaction}{SANDBOX_BANK_ROUTING}{'9900123456':<17}{cents:010}"
            f"{'L0000001T000001':<15}{'ADA LOVELACE':<22}  1{self.own_trace}",
            self.addenda(),
            f"8200000002{int(SANDBOX_BANK_ROUTING[:8]):010}{debit:012}{credit:012}1987654321{'':25}{end}",
        ]

    def addenda(self) -> str:
        head = f"7{98 if self.is_correction else 99}{self.code}{self.trace:<15}"
        if self.is_correction:
            return f"{head}{'':6}{self.rdfi}{self.data:<29}{'':15}{self.own_trace}"
        if "R61" <= self.code <= "R70":
            return (
                f"{head}{'':6}{self.rdfi}{'':3}{'111111110000001'}{'':3}01{self.data:<21}"
                f"{self.own_trace}"
            )
        return f"{head}{self.died:<6}{self.rdfi}{self.data:<44}{self.own_trace}"


def about(entry: Entry, code: str, **said: object) -> Letter:
    """What an honest bank says of the entry; `said` is what this one says otherwise."""
    true = {
        "trace": entry.trace,
        "cents": entry.cents,
        "rdfi": entry.account_version.routing[:8],
    }
    return Letter(code, **{**true, **said})


def render(letters: Sequence[Letter], *, on: date, modifier: str = "A") -> bytes:
    """The file header's creation date is the banking date."""
    records = [
        f"1011987654321 {SANDBOX_BANK_ROUTING}{on:%y%m%d}0800{modifier}094101"
        f"{'ALDER HOUSING':<23}{'SANDBOX BANK':<23}{'':8}"
    ]
    for number, letter in enumerate(letters, start=1):
        records += letter.records(number)
    debits, credits_ = (
        sum(
            letter.cents
            for letter in letters
            if not letter.is_correction and (letter.transaction[1] == "6") == is_debit
        )
        for is_debit in (True, False)
    )
    lines = len(records) + 1
    control = (
        f"9{len(letters):06}{-(-lines // 10):06}{2 * len(letters):08}"
        f"{int(SANDBOX_BANK_ROUTING[:8]) * len(letters) % 10**10:010}{debits:012}{credits_:012}{'':39}"
    )
    filler = ["9" * 94] * (-lines % 10)
    return "".join(f"{record}\n" for record in [*records, control, *filler]).encode()
