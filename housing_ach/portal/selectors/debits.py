"""The debits of an order: one line each of the payer's bank statement."""

from typing import NamedTuple

from housing_ach.payments.models import Order, Payment, PaymentTarget
from housing_ach.payments.selectors import Dates, dates_of


class Debit(NamedTuple):
    """One line of the payer's bank statement to be, and what it is for."""

    payment: Payment
    dates: Dates
    targets: tuple[PaymentTarget, ...]

    @property
    def ahead_cents(self) -> int:
        return self.payment.cents - sum(target.cents for target in self.targets)


def debits_of(order: Order) -> tuple[Debit, ...]:
    payments = (
        order.payments.select_related("fund__company__profile", "bank_account", "mandate")
        .prefetch_related("fund__company__profile__windows", "targets__share__charge")
        .order_by("pk")
    )
    return tuple(
        Debit(row, dates_of(row, row.fund.company.profile), tuple(row.targets.all()))
        for row in payments
    )
