"""Every line of a tenant's account, with what each payment went to."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from housing_ach.payments.models import Allocation
from housing_ach.reports.selectors.statement import StatementLine


class Use(NamedTuple):
    """Cents of a payment on one charge; without a charge they are kept ahead."""

    charge_kind: str | None
    period_on: date | None
    cents: int


class BalanceLine(NamedTuple):
    line: StatementLine
    uses: tuple[Use, ...]


def balance_lines(lines: Sequence[StatementLine]) -> list[BalanceLine]:
    """The newest first."""
    payments = {line.payment_id for line in lines if line.payment_id and line.cents < 0}
    rows = (
        Allocation.objects.live()
        .filter(payment__in=payments)
        .select_related("share__charge")
        .order_by("pk")
    )
    uses: defaultdict[int, list[Use]] = defaultdict(list)
    for row in rows:
        charge = row.share.charge if row.share else None
        kind, period_on = (charge.kind, charge.period_on) if charge else (None, None)
        uses[row.payment_id].append(Use(kind, period_on, row.cents))
    return [BalanceLine(line, tuple(uses[line.payment_id or 0])) for line in reversed(lines)]
