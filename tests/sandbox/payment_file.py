"""A payment file made by hand, so that the bank is not tested with the product's own codec."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from housing_ach.sandbox.bank.magic import BANK_ROUTING, RECEIVERS
from housing_ach.shared.business_days import NEW_YORK

SENT_AT = datetime(2026, 11, 16, 20, 0, tzinfo=UTC)  # Monday, 15:00 in New York
EFFECTIVE_ON = date(2026, 11, 17)
CREDITS = "1234"
SETTLING = "9900123456"


@dataclass(frozen=True)
class Line:
    account: str = SETTLING
    cents: int = 1000_00
    code: str = "27"
    person: str = "L0000001T000001"
    routing: str = RECEIVERS[0]
    name: str = "ADA LOVELACE"

    def record(self, trace: str) -> str:
        return (
            f"6{self.code}{self.routing}{self.account:<17}{self.cents:010}{self.person:<15}"
            f"{self.name:<22}  0{trace}"
        )


@dataclass(frozen=True)
class MadeBatch:
    lines: tuple[Line, ...]
    effective_on: date = EFFECTIVE_ON
    period: str = "NOV 26"
    description: str = "RENT"
    sec: str = "PPD"
    odfi: str = BANK_ROUTING[:8]
    first_trace: int = 1
    company_id: str = "1987654321"
    number: int = 1
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def debit_cents(self) -> int:
        return sum(line.cents for line in self.lines if line.code[1] not in CREDITS)

    @property
    def credit_cents(self) -> int:
        return sum(line.cents for line in self.lines if line.code[1] in CREDITS)

    @property
    def hash(self) -> int:
        return sum(int(line.routing[:8]) for line in self.lines) % 10**10

    def records(self) -> list[str]:
        end = f"{self.odfi}{self.number:07}"
        head = (
            f"5200{'ALDER HOUSING':<16}{'':20}{self.company_id:<10}{self.sec}{self.description:<10}"
            f"{self.period:<6}{self.effective_on:%y%m%d}   1{end}"
        )
        traces = [f"{self.odfi}{self.first_trace + n:07}" for n in range(len(self.lines))]
        count = self.totals.get("count", len(self.lines))
        control = (
            f"8200{count:06}{self.totals.get('hash', self.hash):010}"
            f"{self.totals.get('debit', self.debit_cents):012}{self.credit_cents:012}"
            f"{self.company_id:<10}{'':25}{end}"
        )
        body = [line.record(trace) for line, trace in zip(self.lines, traces, strict=True)]
        return [head, *body, control]


def made_batch(*lines: Line | str, **changes: object) -> MadeBatch:
    """Accounts stand for a line with that account."""
    whole = tuple(Line(account=line) if isinstance(line, str) else line for line in lines)
    return replace(MadeBatch(whole), **changes)


def made_file(
    *batches: MadeBatch,
    at: datetime = SENT_AT,
    modifier: str = "A",
    destination: str = BANK_ROUTING,
    **totals: int,
) -> bytes:
    """`totals` (batches, blocks, count, hash, debit, credit) are written instead of the right ones."""
    local = at.astimezone(NEW_YORK)
    lines = [
        f"101{destination:>10}1987654321{local:%y%m%d%H%M}{modifier}094101"
        f"{'SANDBOX BANK':<23}{'ALDER HOUSING':<23}{'':8}"
    ]
    for number, batch in enumerate(batches, start=1):
        lines += replace(batch, number=number).records()
    right = {
        "batches": len(batches),
        "blocks": -(-(len(lines) + 1) // 10),
        "count": sum(len(batch.lines) for batch in batches),
        "hash": sum(batch.hash for batch in batches) % 10**10,
        "debit": sum(batch.debit_cents for batch in batches),
        "credit": sum(batch.credit_cents for batch in batches),
    } | totals
    lines.append(
        f"9{right['batches']:06}{right['blocks']:06}{right['count']:08}{right['hash']:010}"
        f"{right['debit']:012}{right['credit']:012}{'':39}"
    )
    lines += ["9" * 94] * (-len(lines) % 10)
    return "".join(f"{line}\n" for line in lines).encode()
